import type { PreviewView } from '@contract'

type Sections = NonNullable<PreviewView['disclosure']>

/** The rules as payers will read them; lines that aren't published yet are marked, where something is. */
export function Legal({ sections, published = null }: { sections: Sections; published?: Sections | null }) {
  const known = published && new Set(published.flatMap(({ lines }) => lines))
  return (
    <>
      {sections.map(({ title, lines }) => (
        <div key={title}>
          <h3>{title}</h3>
          {lines.map((line) => (
            <p key={line}>{known && !known.has(line) ? <mark>{line}</mark> : line}</p>
          ))}
        </div>
      ))}
    </>
  )
}
