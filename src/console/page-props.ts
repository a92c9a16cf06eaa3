/** What a page of the console is given: the parts of its address, e.g. `{id}` of `campaigns/:id`. */
export interface PageProps {
  params: Record<string, string>
}
