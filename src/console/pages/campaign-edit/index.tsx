import type { CampaignDetail } from '@contract'
import { get } from '../../client'
import type { PageProps } from '../../page-props'
import { useOperator } from '../../session'
import { Ready } from '../../ui'
import { useRead } from '../../use-read'
import { newDraft } from './draft'
import { Editor } from './editor'
import './index.scss'

/** 新建活动 and 编辑活动: the same form, with a new draft or a saved one. */
export default function CampaignEditPage({ params: { id } }: PageProps) {
  const operator = useOperator()
  if (!id) return <Editor saved={null} first={newDraft(operator.branchCode)} />
  return <Saved id={id} />
}

function Saved({ id }: { id: string }) {
  const { reading, again } = useRead(() => get<CampaignDetail>(`/admin/campaigns/${id}`), id)
  return (
    <Ready reading={reading} again={again} lines={8}>
      {(campaign) => <Editor key={campaign.revision} saved={campaign} />}
    </Ready>
  )
}
