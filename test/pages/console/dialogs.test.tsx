import { fireEvent, screen, within } from '@testing-library/react'
import { at, openConsole, press, serve, setUp, then } from '../../support/console'
import { adminMerchant } from '../../support/console-desk'

setUp()

const MERCHANT = {
  'GET /admin/merchants/M0001': () => ({ data: adminMerchant() }),
  'GET /admin/merchants/M0001/users': () => ({ data: { items: [], card: null } }),
  'GET /admin/merchants/M0001/settlements': () => ({ data: { date: '2026-11-20', items: [] } }),
}
/** As Esc does it. */
const esc = () =>
  then(() => void fireEvent(screen.getAllByRole('dialog').at(-1)!, new Event('cancel', { cancelable: true })))
const answer = (name: string) =>
  then(() => within(screen.getAllByRole('dialog').at(-1)!).getByRole('button', { name }).click())
const back = () =>
  then(() => {
    history.pushState(null, '', '#/console/merchants')
    window.dispatchEvent(new Event('popstate'))
  })

/** The kind: whatever is typed into a dialog. A merchant's form is one; operators', branches' and corrections' are others. */
describe('a dialog', () => {
  it('that something was typed into asks before Esc or Back takes it away', async () => {
    serve(MERCHANT)
    await openConsole('merchants/M0001')
    await press('修改资料')
    fireEvent.change(screen.getByLabelText('名称'), { target: { value: '老街牛肉面二店' } })
    await esc()
    expect(screen.getAllByRole('dialog').at(-1)!.textContent).toContain('关闭以后，填写的内容会丢失')
    await answer('取消')
    await back()
    expect(at()).toBe('merchants/M0001')
    await answer('取消')
    expect(screen.getByLabelText<HTMLInputElement>('名称').value).toBe('老街牛肉面二店')
    await esc()
    await answer('不要了，关闭')
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('that the browser closed by itself is open again if something would be lost, and gone if nothing would', async () => {
    serve(MERCHANT)
    await openConsole('merchants/M0001')
    const closed = async () => {
      const box = screen.getAllByRole<HTMLDialogElement>('dialog')[0]!
      await then(() => {
        box.open = false
        fireEvent(box, new Event('close'))
      })
      return box
    }
    await press('修改资料')
    await closed()
    expect(screen.queryByRole('dialog')).toBeNull()
    await press('修改资料')
    fireEvent.change(screen.getByLabelText('名称'), { target: { value: '二店' } })
    expect((await closed()).open).toBe(true)
    expect(screen.getByLabelText<HTMLInputElement>('名称').value).toBe('二店')
  })
})
