/**
 * Jobs on Linux. `<work>/jobs/<name>/` holds `command` (for people), `stdout`, `stderr`, `pid` and, when it has ended, `code`.
 *
 * The supervisor (a shell in its own session, so no connection and no worker ends it) prepares the folder under another name, its
 * own process id included, and claims the job by renaming it: rename(2) refuses a folder that is there, so of two starts one
 * wins, and a job's folder never exists without the process that answers for it.
 */
import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { JobDriver, JobPoll } from './jobs.ts';
import { commandLine, envLine, readEnv } from './sh.ts';
import type { JobStatus } from './machine.ts';
import type { Transport } from './transport.ts';

/** Bytes of each output in one poll. */
const piece = 256 * 1024;
/** Seconds between the request to end and the force. */
const grace = 10;

/**
 * For the process id in `$1`: sets `nakat_ticks`, its start time since boot (proc(5), field 22, counted behind the name), or fails.
 * A dead one that nobody has collected yet (containers without an init) counts as gone. The names begin with `nakat_` because the
 * supervisor's variables must not cover the job's own environment.
 */
const identify = `
nakat_boot=; IFS= read -r nakat_boot </proc/sys/kernel/random/boot_id
ticks() {
  IFS= read -r nakat_line <"/proc/$1/stat" || return
  set -- \${nakat_line##*) }
  nakat_ticks=\${20}; [ "$1" != Z ]
}
`;

/** `supervisor`: whether it lives; the same process, not another that has its number now. Both look at `dir`. */
const alive = `${identify}
supervisor() {
  read -r pid started booted <"$dir/pid" && [ "$booted" = "$nakat_boot" ] && ticks "$pid" && [ "$started" = "$nakat_ticks" ]
} 2>/dev/null
# All that carry the mark of the job, also what has left the group.
members() { grep -slzxF -e "NAKAT_JOB=$dir" /proc/[0-9]*/environ | sed 's|/proc/||; s|/environ||'; }
`;

const supervise = `
nakat_dir=$1 nakat_new=$2 nakat_cwd=$3 nakat_mask=$4; shift 4
${identify}
ticks $$; echo "$$ $nakat_ticks $nakat_boot" >"$nakat_new/pid"
if [ -n "$nakat_cwd" ] && ! cd "$nakat_cwd"; then echo 126 >"$nakat_new/code"; fi
if ! nakat_line=$(mv -T "$nakat_new" "$nakat_dir" 2>&1); then
  rm -rf "$nakat_new"
  if [ -d "$nakat_dir" ]; then echo there; else echo "$nakat_line"; fi >&3
  exit
fi
echo started >&3; exec 3>&-
if [ -e "$nakat_dir/code" ]; then exit; fi
export NAKAT_JOB="$nakat_dir"
(umask "$nakat_mask"; exec "$@")
echo $? >"$nakat_dir/code.new" && mv "$nakat_dir/code.new" "$nakat_dir/code"
`;

/** Answers `started` or `there`; the supervisor holds the answer's pipe (3) only until the claim. */
const start = `
nakat_dir=$1 nakat_new=$2 nakat_cwd=$3 nakat_text=$4 nakat_supervise=$5; shift 5
if [ -d "$nakat_dir" ]; then echo there; exit; fi
nakat_mask=$(umask); umask 077
mkdir -p "\${nakat_new%/*}" && mkdir "$nakat_new" && printf '%s\\n' "$nakat_text" >"$nakat_new/command" || exit
${readEnv}
setsid /bin/sh -c "$nakat_supervise" nakat-job "$nakat_dir" "$nakat_new" "$nakat_cwd" "$nakat_mask" "$@" \
  3>&1 </dev/null >"$nakat_new/stdout" 2>"$nakat_new/stderr" &
`;

/**
 * First line: state, code, bytes of stdout and of stderr that follow. Whether it lives is asked before the code is: a supervisor
 * that was gone then had written its code before, or never will.
 */
const poll = `
dir=$1; ${alive}
code=
ended() { [ -s "$dir/code" ] && read -r code <"$dir/code"; }
if [ ! -d "$dir" ]; then state=absent
elif ended; then state=ended
else
  state=lost
  if supervisor || [ -n "$(members)" ]; then state=running; fi
  if ended; then state=ended; fi
fi
size() { set -- "$(($(wc -c <"$1") - $2))"; if [ "$1" -gt ${piece} ]; then echo ${piece}; else echo "$1"; fi; }
out=0 err=0
if [ "$state" != absent ]; then out=$(size "$dir/stdout" "$2"); err=$(size "$dir/stderr" "$3"); fi
echo "$state $code/$out/$err"
if [ "$out" -gt 0 ]; then tail -c +$(($2 + 1)) "$dir/stdout" | head -c "$out"; fi
if [ "$err" -gt 0 ]; then tail -c +$(($3 + 1)) "$dir/stderr" | head -c "$err"; fi
exit 0
`;

/** Asks, waits, forces. The group by its number while the supervisor lives (then the number is its own), the marked ones always. */
const end = `
dir=$1; ${alive}
if [ ! -d "$dir" ] || [ -s "$dir/code" ]; then exit 0; fi
tell() { supervisor && kill "-$1" -- "-$pid"; for one in $(members); do kill "-$1" "$one"; done; } 2>/dev/null
gone() { ! supervisor && [ -z "$(members)" ]; }
tell TERM
i=0; while [ $i -lt ${grace * 10} ]; do gone && exit 0; sleep 0.1; i=$((i + 1)); done
i=0; while [ $i -lt ${grace * 10} ]; do tell KILL; gone && exit 0; sleep 0.1; i=$((i + 1)); done
exit 1
`;

/** Renamed first, so that a folder is either a whole job or none. */
const remove = `
if [ -d "$1" ]; then mv -T "$1" "$2" && rm -rf "$2"; fi
`;

export function linuxJobs(transport: Transport, work: string): JobDriver {
  const where = transport.name;
  const jobs = posix.join(work, 'jobs');
  const folder = (name: string): string => {
    const valid = name !== '' && !name.startsWith('.') && !name.includes('/') && Buffer.byteLength(name) <= 200;
    if (!valid)
      throw new NakatError('COMMAND_INVALID', { values: { problem: `job name ${JSON.stringify(name)}` }, where });
    return posix.join(jobs, name);
  };
  const beside = (name: string): string => posix.join(jobs, `.${name.slice(0, 40)}-${randomBytes(6).toString('hex')}`);
  const script = (text: string, args: readonly string[], stdin?: string) =>
    transport.exec(`exec ${commandLine(['/bin/sh', '-c', text, 'nakat', ...args], where)}`, {
      label: 'nakat job',
      stdin,
    });

  const driver: JobDriver = {
    machine: where,
    encoding: 'utf8',
    folder,
    start: async (name, argv, { env = {}, cwd = '' }) => {
      const shown = `${cwd === '' ? '' : `cd ${commandLine([cwd], where)} && `}${commandLine(argv, where)}`;
      const args = [folder(name), beside(name), cwd, shown, supervise, ...argv];
      const answer = await script(start, args, envLine(env, where));
      if (/^(started|there)$/.test(answer.stdout.toString().trim())) return;
      const values = { job: name, folder: jobs };
      throw new NakatError('JOB_NOT_STARTED', { values, where, vendor: `${answer.stdout}${answer.stderr}` });
    },
    poll: async (name, { stdout, stderr }) => {
      const answer = await script(poll, [folder(name), String(stdout), String(stderr)]);
      return parsePoll(answer.stdout) ?? failed('nakat job', answer, where);
    },
    end: async (name) => {
      const answer = await script(end, [folder(name)]);
      if (answer.code !== 0) failed('kill', answer, where);
    },
    forget: async (name) => {
      await driver.end(name);
      const answer = await script(remove, [folder(name), beside(name)]);
      if (answer.code !== 0) failed('rm', answer, where);
    },
  };
  return driver;
}

function parsePoll(answer: Buffer): JobPoll | undefined {
  const head = /^(absent|running|ended|lost) (\d*)\/(\d+)\/(\d+)\n/.exec(answer.toString('latin1', 0, 80));
  if (!head) return undefined;
  const out = head[0].length + Number(head[3]);
  return {
    state: head[1] as JobStatus['state'],
    code: head[2] === '' ? null : Number(head[2]),
    stdout: answer.subarray(head[0].length, out),
    stderr: answer.subarray(out, out + Number(head[4])),
  };
}

export function failed(
  command: string,
  { code, stderr }: { code: number | null; stderr: Buffer },
  where: string,
): never {
  throw new NakatError('COMMAND_FAILED', { values: { command, code: String(code) }, where, vendor: stderr.toString() });
}
