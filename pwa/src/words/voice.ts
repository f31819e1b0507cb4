// Words of the desk's pages for what the public says: feedback answers and complaints. Codes are the wire's.
import type { StateWord } from './common'

export const FACTS: readonly { id: string; ask: string; bad: 'yes' | 'no'; optional?: boolean }[] = [
  { id: 'F1', ask: '执法人员两人以上', bad: 'no' },
  { id: 'F2', ask: '主动出示执法证件', bad: 'no' },
  { id: 'F3', ask: '出具行政检查通知书', bad: 'no' },
  { id: 'F4', ask: '说明检查事由和依据', bad: 'no' },
  { id: 'F5', ask: '告知陈述申辩等权利', bad: 'no' },
  { id: 'F6', ask: '告知检查结果', bad: 'no' },
  { id: 'F7', ask: '影响正常生产经营', bad: 'yes' },
  { id: 'F8', ask: '乱收费、乱罚款、乱查封', bad: 'yes' },
  { id: 'F9', ask: '接受吃请、礼品或要求出钱', bad: 'yes' },
  { id: 'F10', ask: '指定中介或重复检查', bad: 'yes', optional: true },
]
export const YES_NO: readonly { value: 'yes' | 'no' | 'unsure'; label: string }[] = [
  { value: 'yes', label: '是' },
  { value: 'no', label: '否' },
  { value: 'unsure', label: '不清楚' },
]
export const SAID: Record<string, string> = { yes: '是', no: '否', unsure: '不清楚' }
export const RATINGS: readonly { id: string; ask: string }[] = [
  { id: 'R1', ask: '执法规范' },
  { id: 'R2', ask: '用语和态度' },
  { id: 'R3', ask: '说理和普法' },
  { id: 'R4', ask: '廉洁' },
  { id: 'R5', ask: '效率和对经营的影响' },
  { id: 'R0', ask: '总体' },
]
export const LEVEL: Record<number, string> = { 5: '非常满意', 4: '满意', 3: '基本满意', 2: '不满意', 1: '非常不满意' }
export const LEVEL3: Record<number, string> = { 5: '满意', 3: '基本满意', 1: '不满意' }
export const KIND: Record<string, string> = { company: '企业', household: '个体工商户', farm: '农户、个人', other: '其他' }
// The form's own words for what was checked (E.2), not the register's.
export const CHECKED: Record<string, string> = {
  safety: '安全生产', appearance: '市容市貌', construction: '违法建设', land: '土地', environment: '环保', food: '食品', agriculture: '农业', fire: '消防', other: '其他',
}
export const VOICE_CHANNEL: Record<string, string> = { ticket: '扫码', wall: '固定码', paper: '纸质补录' }
export const FEEDBACK_STATE: Record<string, StateWord> = {
  received: { word: '已收到', shape: '' },
  checking: { word: '核实中', shape: 'doing' },
  answered: { word: '已答复', shape: 'done' },
}
export const COMPLAINT_CHANNEL: Record<string, string> = {
  web: '网页', phone: '监督电话', visit: '来访', letter: '来信', mail: '邮箱', '12345': '12345转办', superior: '上级交办', transfer: '其他机关移送', contact: '联系点', supervisor: '监督员',
}
export const ALREADY: Record<string, string> = { none: '还没有找过别处', review: '已申请行政复议', suit: '已到法院起诉', petition: '已信访', discipline: '已向纪委监委反映' }
export const URGENCY: Record<string, string> = { normal: '一般', urgent: '较急', critical: '特急' }
