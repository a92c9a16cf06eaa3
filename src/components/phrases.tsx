import { Words } from './base'

/** A text that a narrow screen breaks after its marks alone, as long as what stands between them fits a line: 没有查到结果前 isn't torn apart. */
export function Phrases({ text }: { text: string }) {
  const phrases = text.match(/[^，。；？！]+[，。；？！]*/g) ?? []
  return (
    <>
      {phrases.map((phrase, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text may say the same twice
        <Words key={i} className="phrase">
          {phrase}
        </Words>
      ))}
    </>
  )
}
