// Words both front doors use. Codes are the wire's; Chinese stands only here and in the other words/ files.
import type { ChipShape } from '../ui/shapes'

export const ROLE: Record<string, string> = {
  county: '县司法局', leader: '局领导', office: '司法所', supervisor: '监督员', agency: '执法单位', hotline: '热线', admin: '系统管理员', auditor: '审计员',
}
export const VERDICT: Record<string, string> = { yes: '符合', no: '不符合', na: '不适用', unseen: '未观察到' }
export const SEVERITY: Record<string, string> = { redline: '红线', general: '一般', minor: '瑕疵' }
export const NATURE: Record<string, string> = { unlawful: '违法', improper: '不当', flaw: '瑕疵', advice: '建议' }
export const OVERALL: Record<string, string> = { standard: '规范', mostly: '基本规范', poor: '不规范' }
export { MATTER } from './matter'
export const ORIGIN: Record<string, string> = {
  visit: '伴随式', feedback: '反馈表', complaint: '投诉', casefile: '案卷评查', special: '专项检查', contact: '联系点', supervisor: '监督员', transfer: '转送', activity: '走访', filing: '备案审查',
}
export const CATEGORY: Record<string, string> = {
  inaction: '不作为', misconduct: '乱作为', procedure: '程序违法', manner: '不文明', integrity: '廉洁', discretion: '裁量不当', qualification: '人员资格', paperwork: '文书案卷', disturbance: '检查扰企', other: '其他',
}
/** 4大类19项 */
export const TAG_GROUPS: readonly { label: string; tags: readonly [string, string][] }[] = [
  { label: '一、执法主体和人员', tags: [['T01', '1 主体资格与公告'], ['T02', '2 委托执法手续'], ['T03', '3 人员持证与年审'], ['T04', '4 培训考核'], ['T05', '5 辅助人员管理']] },
  { label: '二、执法制度建设', tags: [['T06', '6 行政执法公示'], ['T07', '7 全过程记录'], ['T08', '8 重大决定法制审核'], ['T09', '9 裁量权基准'], ['T10', '10 执法责任制']] },
  { label: '三、执法行为和程序', tags: [['T11', '11 检查启动与双随机'], ['T12', '12 亮证告知程序'], ['T13', '13 调查取证'], ['T14', '14 处罚决定与文书'], ['T15', '15 行政强制'], ['T16', '16 包容审慎与首违不罚']] },
  { label: '四、衔接与处理', tags: [['T17', '17 罚缴分离收支两条线'], ['T18', '18 行刑衔接与移送'], ['T19', '19 投诉举报处理和问题整改']] },
]
export const TAG: Record<string, string> = Object.fromEntries(TAG_GROUPS.flatMap((g) => g.tags as [string, string][]))
export const RUNG: Record<string, string> = { FBK: '反馈单', TXH: '提醒函', DBH: '督办函', YJS: '意见书', JDS: '决定书' }

export interface StateWord {
  word: string
  shape: ChipShape
}
export const PROBLEM_STATE: Record<string, StateWord> = {
  confirmed: { word: '已确认', shape: 'set' }, rectifying: { word: '整改中', shape: 'doing' }, submitted: { word: '待复核', shape: 'review' },
  disputed: { word: '异议复核', shape: 'dispute' }, closed: { word: '已销号', shape: 'done' }, withdrawn: { word: '已撤回', shape: 'moved' }, referred: { word: '已移送', shape: 'moved' },
}
export const LEAD_STATE: Record<string, StateWord> = {
  open: { word: '待核实', shape: '' }, registered: { word: '已登记', shape: 'set' }, attached: { word: '已并入', shape: 'set' },
  dismissed: { word: '不予登记', shape: 'moved' }, referred: { word: '已移送', shape: 'moved' },
}
export const VISIT_STATE: Record<string, StateWord> = {
  planned: { word: '已计划', shape: '' }, recorded: { word: '已记录', shape: 'done' }, cancelled: { word: '已取消', shape: 'moved' },
}
export const STRENGTH: Record<string, string> = {
  national: '国家规定', henan: '河南省规定', local: '地方做法，由县里设定，不是法定期限', other: '参照外省规定，不是法定期限', template: '由县里设定，不是法定期限', inferred: '由县里设定，不是法定期限',
}
export function word(map: Record<string, string>, code: string | undefined | null): string {
  return code ? (map[code] ?? code) : ''
}
export const NOT_FOUND = { title: '找不到这条记录', text: '编号可能写错了，或者不在您的范围内。' }
