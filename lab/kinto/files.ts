/** The files of the Kinto server as an administrator has them: releases beside each other, settings, an init script. */
import type { Release } from './releases.ts';

/** The same command of every release; what was called is noted for whoever counts. */
export const launcher = (bin: string, events: string): string => `#!/bin/sh
echo "kinto $*" >>'${events}'
exec '${bin}/kinto' "$@"
`;

export interface Settings {
  readonly database: string;
  readonly release: Release;
  /** Names a web server that is not there: migrations do not notice, the start does. */
  readonly wrong?: boolean;
}

export const settings = ({ database, release, wrong }: Settings): string => `# Kinto, settings for ${release.version}
[server:main]
use = egg:${wrong ? 'waitres' : 'waitress'}#main
host = 127.0.0.1
port = %(http_port)s
threads = 2

[app:main]
use = egg:kinto
kinto.project_name = shop
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = ${database}
kinto.storage_pool_size = 2
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = ${database}
kinto.permission_pool_size = 2
kinto.cache_backend = kinto.core.cache.memory
kinto.userid_hmac_secret = of-the-practice-ground
# Nobody but this machine reaches it.
kinto.bucket_create_principals = system.Everyone
${release.version === '26.5.0' ? 'kinto.paginate_by = 100\n' : ''}`;

/** `migrate` needs settings alone; the same with another storage than the server's would be wrong for both. */
export interface InitScript {
  /** `kinto` or `kinto-test`. */
  readonly name: string;
  /** The practice ground's folder. */
  readonly dir: string;
  /** A link or folder of a release. */
  readonly release: string;
  readonly ini: string;
  readonly port: number;
  /** Commands after a stop. */
  readonly afterStop?: string;
}

/**
 * As Linux Standard Base Core wants it ("Init Script Actions"): starting what runs and stopping what does not are successes. One at a
 * time, since a start whose caller has died goes on.
 */
export const initScript = ({ name, dir, release, ini, port, afterStop = ':' }: InitScript): string => `#!/bin/sh
### BEGIN INIT INFO
# Provides:          ${name}
# Short-Description: Kinto
### END INIT INFO
pid='${dir}/run/${name}.pid'
running() { [ -s "$pid" ] && kill -0 "$(cat "$pid")" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$(cat "$pid")/status"; }
case "$1" in start | stop) exec 9>"$pid.lock"; flock 9 ;; esac
case "$1" in
  start)
    running && exit 0
    rm -f "$pid"
    if [ -e '${dir}/log/${name}.log' ]; then mv '${dir}/log/${name}.log' '${dir}/log/${name}.log.old'; fi
    setsid sh -c 'echo $$ >"$1.new" && mv "$1.new" "$1"; shift; exec "$@"' ${name} "$pid" \\
      '${release}/bin/kinto' start --ini '${ini}' --port ${port} </dev/null >>'${dir}/log/${name}.log' 2>&1 9>&- &
    # Until it serves, or has given up.
    i=0; while [ $i -lt 100 ] && [ ! -s "$pid" ]; do sleep 0.1; i=$((i + 1)); done
    i=0; while [ $i -lt 600 ] && running && ! grep -q 'Serving on' '${dir}/log/${name}.log'; do sleep 0.1; i=$((i + 1)); done
    running
    ;;
  stop)
    if running; then
      kill "$(cat "$pid")"
      i=0; while [ $i -lt 200 ] && running; do sleep 0.1; i=$((i + 1)); done
      running && exit 1
      echo "stop ${name}" >>'${dir}/events'
    fi
    rm -f "$pid"
    ${afterStop}
    ;;
  status)
    if running; then echo "${name} is running"; exit 0; fi
    if [ -e "$pid" ]; then echo "${name} is dead, its pid file is there"; exit 1; fi
    echo "${name} is not running"; exit 3
    ;;
  *) echo "usage: $0 start|stop|status" >&2; exit 2 ;;
esac
`;
