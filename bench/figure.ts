/** What a bench comes to in a line, for the one table of all ({@link import('./table')}). */
export interface Figure {
  name: string
  unit: '/s' | 'ms' | 's' | 'B'
  value: number
  /** what only has to be done takes, or gives, in the same run; none: there is no floor */
  floor?: number
  /** the median of the rounds' own, where there are rounds; else value by floor */
  ratio?: number
}

/** Told to the table that started this bench; to nobody where a person did. */
export function tell(...figures: Figure[]): void {
  process.send?.({ figures })
}
