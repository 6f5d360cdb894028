/** Ways in which an infobase of the practice ground goes wrong, by the infobase's name in the cluster; may be changed while it stands. */
export interface OnecBreakages {
  /** The second update handler fails; the program ends with code 0, as the real one may. */
  handlers?: string;
  /** The program that runs the handlers shows a dialog and never ends. */
  hang?: string;
  /** /UpdateCfg reports success and leaves the configuration as it was, as rules that say DoNotMerge do. */
  stuck?: string;
  /** Extensions cannot be applied. */
  applicability?: string;
  /** No licence key is registered. */
  licence?: string;
  /** The subscription has ended. */
  subscription?: string;
  /** Restructuring gives a warning. */
  warnings?: string;
}
