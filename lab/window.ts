/** A maintenance window of the practice ground's plans that is open now. */

/** Lasts a day and begins twelve hours from now, so that no run of today meets its end: at midnight a plan would wait for the next one. */
export function openWindow(now = new Date()): { LAB_WINDOW_FROM: string; LAB_WINDOW_TO: string } {
  // The plans' zone is Europe/Moscow, always three hours ahead of UTC.
  const hour = String((now.getUTCHours() + 3 + 12) % 24).padStart(2, '0');
  return { LAB_WINDOW_FROM: `${hour}:00`, LAB_WINDOW_TO: `${hour}:00` };
}
