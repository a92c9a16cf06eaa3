import { act, cleanup, render } from '@testing-library/react'
import { type Answer, useAnswer } from '../../src/use-answer'

/** An answer belongs to its question: a page that is opened for another code shows nothing of the shop before. */

afterEach(cleanup)

const rendered: [key: string, answer: Answer<string>][] = []

function Shop({ code }: { code: string }) {
  const [answer] = useAnswer(async () => `shop ${code}`, code)
  rendered.push([code, answer])
  return null
}

it('nothing is rendered of what was asked before, not even until the next is asked', async () => {
  const page = render(<Shop code="M0001" />)
  await act(async () => {})
  page.rerender(<Shop code="M0002" />)
  await act(async () => {})
  const shown = rendered.flatMap(([code, answer]) => (answer.kind === 'ready' ? [`${code}: ${answer.value}`] : []))
  expect([...new Set(shown)]).toEqual(['M0001: shop M0001', 'M0002: shop M0002'])
})
