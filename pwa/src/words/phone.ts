// Words of the radar: what phones hold, what may be lost, what is held for the office. Codes are the wire's.
import type { ChipShape } from '../ui/shapes'

/** Where an item stands on its phone. */
export const ITEM_STATE: Record<string, { word: string; shape: ChipShape }> = {
  pending: { word: '等着发', shape: 'held' }, sending: { word: '正在发', shape: 'doing' }, waiting: { word: '等网络', shape: 'held' },
  held: { word: '等司法所核实', shape: 'review' }, attention: { word: '要本人处理', shape: 'near' }, sent: { word: '已签收', shape: 'done' },
}
/** Why it has not gone, in a few words: the phone itself says more to its owner. */
export const ITEM_WHY: Record<string, string> = {
  nobody: '没有连上服务器', slow: '信号太弱', gate: '连的无线网要先登录', busy: '服务器忙', server: '服务器故障', order: '等更早的那份先到', login: '登录过期', password: '要先改初始密码',
  device_revoked: '手机已挂失', locked: '手机上了开锁密码', receipt_due: '等回执', other_account: '是另一个人的', held_for_office: '等司法所核实', held_refused: '司法所没有收', held_invalid: '不合记录的规则，等司法所定', corrected: '已由更正代替', settled: '已定用另一份',
  conflict: '内容和服务器上的不一样', seal_key: '封存密钥对不上', sealed: '送到的内容不完整', refused: '服务器不让这个账号交', not_found: '服务器上找不到这次检查', too_large: '内容太大', invalid: '内容有错，服务器没有收',
  receipt: '回执核对不上', photo: '有照片没有收下', lost_photo: '有照片读不出来', lost_sheet: '记录读不出来',
}
export const CAUSE: Record<string, string> = {
  dropped: '手机上次还报着，这次没有了，服务器也没有收到', wiped: '手机里的数据库换了新的，原来的没有了', replaced: '本人换了手机，或者手机里的数据被清掉了；原来报着的还没有收到',
}
/** What became of a record that came in a phone's rescue file. */
export const RESCUED: Record<string, string> = { saved: '收下了', same: '以前收过', held: '在隔离件里，等核实', clashed: '和已有的不一样，两份都留着', refused: '没有收' }
export const HELD_WHY: Record<string, string> = { device_revoked: '手机已挂失', account_left: '本人账号已停用', role_changed: '本人已换岗位', invalid: '有不合规则的地方' }
