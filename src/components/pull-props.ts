export interface PullProps {
  /** reads anew; what it throws is its own to show */
  onPull(): Promise<unknown>
}
