import type { CampaignDetail, TemplateView } from '@contract'
import { type FormEvent, useState } from 'react'
import { post } from '../../client'
import { besideField, fieldOf, sentenceOf } from '../../sentences'
import { Button, Dialog, Fault, TextField, toast } from '../../ui'

/** The terms under a name, for oneself and the colleagues of one's branch to begin others with. */
export function KeepTemplate({ campaign, onClose }: { campaign: CampaignDetail; onClose(): void }) {
  const [name, setName] = useState(campaign.name.slice(0, 40))
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<unknown>(null)
  const beside = fieldOf(fault) === 'name'
  async function keep(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setFault(null)
    try {
      await post<TemplateView>('/admin/templates', { name: name.trim(), campaignId: campaign.campaignId })
      toast.ok(`已存为模板：${name.trim()}`)
      onClose()
    } catch (error) {
      setFault(error)
      setBusy(false)
    }
  }
  return (
    <Dialog title={`存为模板：${campaign.name}`} onClose={onClose} held={busy}>
      <form onSubmit={keep} noValidate>
        <div className="c-dialog__text">
          <p>存下规则、时段、预算、次数和优先级；名称、日期和商户不存。新建活动时可以从它开始。</p>
        </div>
        <TextField
          label="模板名称"
          maxLength={40}
          value={name}
          onText={setName}
          fault={beside ? besideField(fault) : undefined}
        />
        <Fault text={fault && !beside ? sentenceOf(fault) : undefined} />
        <div className="c-dialog__keys">
          <Button onClick={onClose} disabled={busy}>
            取消
          </Button>
          <Button type="submit" kind="main" busy={busy} disabled={name.trim().length < 2}>
            存为模板
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
