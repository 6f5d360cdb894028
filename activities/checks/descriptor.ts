export interface PackageDescriptor {
  readonly name: string;
  readonly version: string;
}

const longestName = 4096;
const longestDescriptor = 2 ** 20;

/**
 * Finds `descriptor.json` in the unpacked stream of a package (record format: see `package.ts`), keeping no other content.
 * Undefined when the stream is no package or has none; throws when it breaks off inside a record.
 */
export async function descriptorIn(stream: AsyncIterable<Buffer>): Promise<PackageDescriptor | undefined> {
  const reader = new Reader(stream);
  let found: PackageDescriptor | undefined;
  while (!(await reader.ended())) {
    const length = await reader.length();
    if (length < 1 || length > longestName) return reader.drain();
    const name = (await reader.take(length * 2)).toString('utf16le');
    const size = await reader.length();
    if (size < 0) return reader.drain();
    if (name.toLowerCase() === 'descriptor.json' && size <= longestDescriptor)
      found = parse((await reader.take(size)).toString('utf8'));
    else await reader.skip(size);
  }
  return found;
}

function parse(json: string): PackageDescriptor | undefined {
  const { Descriptor } = JSON.parse(json.replace(/^\uFEFF/, '')) as {
    Descriptor?: { Name?: unknown; PackageVersion?: unknown };
  };
  const { Name, PackageVersion } = Descriptor ?? {};
  return typeof Name === 'string' && typeof PackageVersion === 'string'
    ? { name: Name, version: PackageVersion }
    : undefined;
}

class Reader {
  private rest: Buffer = Buffer.alloc(0);
  private readonly source: AsyncIterator<Buffer>;

  constructor(stream: AsyncIterable<Buffer>) {
    this.source = stream[Symbol.asyncIterator]();
  }

  async ended(): Promise<boolean> {
    while (this.rest.length === 0) {
      const { done, value } = await this.source.next();
      if (done) return true;
      this.rest = value;
    }
    return false;
  }

  async length(): Promise<number> {
    return (await this.take(4)).readInt32LE();
  }

  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    await this.each(count, (part) => parts.push(part));
    return Buffer.concat(parts);
  }

  async skip(count: number): Promise<void> {
    await this.each(count, () => undefined);
  }

  async drain(): Promise<undefined> {
    while (!(await this.ended())) this.rest = Buffer.alloc(0);
  }

  private async each(count: number, use: (part: Buffer) => void): Promise<void> {
    while (count > 0) {
      if (await this.ended()) throw new Error('the package breaks off');
      use(this.rest.subarray(0, count));
      const taken = Math.min(count, this.rest.length);
      this.rest = this.rest.subarray(taken);
      count -= taken;
    }
  }
}
