/** Whether new runs may begin. Those that have begun go on in any case. */
export interface PauseStore {
  find(): Promise<Pause | null>;
  /** Replaces an earlier one's reason, but not its time. */
  set(pause: { reason: string; pausedBy: string }): Promise<Pause>;
  /** False: nothing was paused. */
  clear(): Promise<boolean>;
}

export interface Pause {
  reason: string;
  pausedBy: string;
  pausedAt: Date;
}
