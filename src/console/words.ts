import type { AdminMerchant, CampaignState, ChangeView, Role } from '@contract'

/** The house's words (docs/GLOSSARY.md) in Chinese. */

export const STATE_WORDS: Record<CampaignState, string> = {
  draft: '草稿',
  submitted: '待复核',
  approved: '待开始',
  running: '进行中',
  paused: '已暂停',
  ended: '已结束',
}

export const CHANGE_WORDS: Record<ChangeView['kind'], string> = {
  launch: '上线',
  pause: '暂停',
  resume: '恢复',
  end: '结束',
  amend: '修改',
}

export const ROLE_WORDS: Record<Role, string> = {
  viewer: '查看',
  maker: '经办',
  checker: '复核',
  auditor: '审计',
  admin: '管理员',
}

/** In the order in which they are listed everywhere. */
export const WALLETS: readonly (keyof AdminMerchant['walletAccounts'])[] = ['wechatpay', 'alipay', 'unionpay']

const ACTION_WORDS: Record<string, string> = {
  'campaign.create': '新建草稿',
  'campaign.edit': '编辑草稿',
  'campaign.delete': '删除草稿',
  'campaign.submit': '提交上线复核',
  'campaign.launch': '提交上线复核',
  'campaign.approve': '复核通过',
  'campaign.reject': '复核驳回',
  'campaign.withdraw': '撤回',
  'campaign.start': '按日期开始',
  'campaign.finish': '按日期结束',
  'campaign.pause': '暂停',
  'campaign.resume': '申请恢复',
  'campaign.end': '申请结束',
  'campaign.amend': '申请修改',
  'campaign.import': '导入商户',
  'campaign.draw': '抽取对照商户',
  'campaign-template.add': '存为活动模板',
  'campaign-template.delete': '删除活动模板',
  'campaign.refuse': '想复核自己的申请，被拒',
}

/** `campaign.submit` → 提交上线复核; one that isn't known is shown as it is. A campaign that nobody ends ends by its date. */
export function actionWord(action: string, username?: string): string {
  if (action === 'campaign.end' && username === 'system') return '按日期结束'
  return ACTION_WORDS[action] ?? action
}
