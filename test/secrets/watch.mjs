// Notes every command line that any process of this machine ever shows, every 20 ms, until its stdin closes; then prints them as JSON.
import { readdirSync, readFileSync } from 'node:fs';

const seen = new Set();
const look = () => {
  for (const pid of readdirSync('/proc')) {
    if (pid < '1' || pid > '9999999') continue;
    try {
      seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    } catch {
      // It has ended.
    }
  }
};
const timer = setInterval(look, 20);
process.stdin.resume().once('close', () => {
  clearInterval(timer);
  look();
  process.stdout.write(JSON.stringify([...seen]));
});
process.stderr.write('ready');
