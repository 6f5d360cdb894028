/**
 * A stand-in for systemctl, where systemd does not run (containers): a shell program on a folder that holds units and their state.
 * Real processes are started and ended. Follows systemctl(1): `show` answers for unknown units too (LoadState=not-found), `start` and
 * `stop` of an unknown unit end with 5, `stop` of what is stopped succeeds. Strict: any other argument ends with 1.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Unit {
  /** A shell command that goes on until it is ended. */
  readonly start: string;
  /** The program is gone before the start is done; the unit is `failed`. */
  readonly fails?: boolean;
  /** Seconds that a stop takes: the unit is `deactivating` meanwhile, and the command does not wait for it. */
  readonly slowStop?: number;
}

/** Returns the program's path. */
export function makeSystemctl(dir: string, units: Readonly<Record<string, Unit>>): string {
  mkdirSync(dir, { recursive: true });
  for (const [name, unit] of Object.entries(units)) {
    writeFileSync(join(dir, `${name}.start`), unit.start);
    if (unit.fails) writeFileSync(join(dir, `${name}.fails`), '');
    if (unit.slowStop !== undefined) writeFileSync(join(dir, `${name}.slow`), String(unit.slowStop));
  }
  const program = join(dir, 'systemctl');
  writeFileSync(program, script(dir));
  chmodSync(program, 0o755);
  return program;
}

const script = (dir: string): string => `#!/bin/sh
cd '${dir}' || exit 1
echo "$*" >>calls
verb=$1
if [ "$verb" = show ]; then
  [ "$2" = --property=LoadState,ActiveState,SubState,MainPID ] && [ "$3" = -- ] && [ $# = 4 ] || exit 1
  unit=$4
else
  [ "$2" = -- ] && [ $# = 3 ] || exit 1
  unit=$3
fi
pid=0; [ -s "$unit.pid" ] && kill -0 "$(cat "$unit.pid")" 2>/dev/null && pid=$(cat "$unit.pid")
case "$verb" in
  show)
    load=loaded; [ -e "$unit.start" ] || load=not-found
    active=inactive sub=dead
    [ -e "$unit.failed" ] && active=failed sub=failed
    if [ "$pid" != 0 ]; then active=active sub=running; [ -e "$unit.stopping" ] && active=deactivating sub=stop-sigterm; fi
    printf 'LoadState=%s\\nActiveState=%s\\nSubState=%s\\nMainPID=%s\\n' $load $active $sub "$pid"
    ;;
  start)
    [ -e "$unit.start" ] || { echo "Failed to start $unit: Unit $unit not found." >&2; exit 5; }
    [ "$pid" = 0 ] || exit 0
    rm -f "$unit.failed"
    if [ -e "$unit.fails" ]; then
      touch "$unit.failed"
      echo "Job for $unit failed because the control process exited with error code." >&2
      exit 1
    fi
    setsid sh -c "$(cat "$unit.start")" </dev/null >/dev/null 2>&1 &
    echo $! >"$unit.pid"
    ;;
  stop)
    [ -e "$unit.start" ] || { echo "Failed to stop $unit: Unit $unit not loaded." >&2; exit 5; }
    [ "$pid" = 0 ] && exit 0
    if [ -e "$unit.slow" ]; then
      touch "$unit.stopping"
      { sleep "$(cat "$unit.slow")"; kill "$pid"; rm -f "$unit.stopping"; } </dev/null >/dev/null 2>&1 &
      exit 0
    fi
    kill "$pid"; while kill -0 "$pid" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null; do sleep 0.05; done
    rm -f "$unit.pid"
    ;;
  *) echo "Unknown command verb $verb." >&2; exit 1 ;;
esac
`;
