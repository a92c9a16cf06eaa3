/** What an operator has typed into a form and not saved yet. It is theirs alone, and nothing that anybody else goes by. */
export interface Sketch {
  /** of which form, e.g. `campaign:new`, `campaign:C20261120-1a2b3c4d` */
  name: string
  /** what the form holds, as the form itself wrote it */
  content: Record<string, unknown>
  /** no two writes have the same, of whatever sketch */
  revision: number
  /** ms */
  updatedAt: number
}

export type SketchWritten =
  | { kind: 'written'; revision: number }
  /** written or thrown away elsewhere since that revision */
  | { kind: 'revision-changed' }
  /** so many others of theirs lie there already */
  | { kind: 'too-many' }

/** Everything goes by whose it is: no name reaches another operator's. */
export interface Sketches {
  find(username: string, name: string): Promise<Sketch | undefined>
  /** Newest first, of their contents only the `title`, by which their writer knows them again. */
  list(username: string): Promise<(Omit<Sketch, 'content'> & { title: string | null })[]>
  /** `revision`: of what was there; nought where nothing was. `most`: how many one operator may have. */
  put(
    username: string,
    sketch: Pick<Sketch, 'name' | 'content'> & { revision: number; at: number; most: number },
  ): Promise<SketchWritten>
  drop(username: string, name: string): Promise<void>
}
