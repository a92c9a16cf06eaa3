import { Words } from '../../components/base'

/** A sentence that a narrow screen breaks after its commas alone, within the line that it is part of. */
export function Phrases({ text }: { text: string }) {
  return text.match(/[^，]+，?/g)?.map((phrase) => (
    <Words key={phrase} className="pay__phrase">
      {phrase}
    </Words>
  ))
}
