/** What is still served while more is asked of the process than it can do (I14). */
export interface Load {
  /** false: nobody is given a card for now, and whoever pays, pays in full (I9) */
  drawsCards(): boolean
}
