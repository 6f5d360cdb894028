import pixelmatch from 'pixelmatch';
import png from 'pngjs';

const { PNG } = png;
type Image = InstanceType<typeof PNG>;

export interface Difference {
  /** Of all pixels of the larger picture, 0 to 1. */
  readonly share: number;
  /** Red where they differ; null: nowhere. */
  readonly png: Buffer | null;
}

/** `color`: see `PageCheck`. What only one of two pictures of unequal size has is different. Smoothed edges are not. */
export const differenceOf = (before: Buffer, after: Buffer, color: number): Difference => {
  if (before.equals(after)) return { share: 0, png: null };
  const [one, two] = [PNG.sync.read(before), PNG.sync.read(after)];
  const width = Math.max(one.width, two.width);
  const height = Math.max(one.height, two.height);
  const output = new PNG({ width, height });
  const count = pixelmatch(
    onto(one, width, height, [255, 0, 255]).data,
    onto(two, width, height, [0, 255, 0]).data,
    output.data,
    width,
    height,
    { threshold: color },
  );
  return { share: count / (width * height), png: count === 0 ? null : PNG.sync.write(output) };
};

/** On a ground that no other picture has. */
const onto = (image: Image, width: number, height: number, ground: readonly [number, number, number]): Image => {
  if (image.width === width && image.height === height) return image;
  const larger = new PNG({ width, height });
  for (let at = 0; at < larger.data.length; at += 4) larger.data.set([...ground, 255], at);
  PNG.bitblt(image, larger, 0, 0, image.width, image.height, 0, 0);
  return larger;
};
