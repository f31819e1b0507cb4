// Words of the pages for people and places.
import type { Role } from '../api/types'

export const ROLE_DOES: Record<Role, string> = {
  county: '看全县，审核、复核、出文书、定期限规则',
  leader: '看全县，审批',
  office: '办一个乡镇的线索和问题，也能用手机记录',
  supervisor: '用手机记录伴随式监督，看自己提出的问题后来怎样了',
  agency: '看要本单位整改的问题，报整改结果',
  hotline: '登记电话投诉',
  admin: '管账号和名册，看不到案件内容',
  auditor: '看留痕，不能改任何东西',
}
export const KIND: Record<string, string> = { company: '企业', household: '个体工商户', farm: '农民专业合作社', other: '其他' }
export const AGENCY_KIND: Record<string, string> = { township: '乡镇', county: '县直' }
export const STANDING: Record<string, string> = { valid: '有效', expired: '不在有效期内', suspended: '暂扣', revoked: '吊销' }
export const CREDENTIAL: Record<string, string> = { active: '有效', suspended: '暂扣', revoked: '吊销' }

/** Columns of an import, by wire name. */
export const COLUMN: Record<string, string> = {
  name: '名称', uscc: '统一社会信用代码', kind: '类别', address: '地址', industry: '行业', office: '司法所',
  agency: '执法单位', credential_number: '执法证号', valid_from: '有效期起', valid_to: '有效期止', status: '证件状态',
}

/** The first word of a deed: what it was done to. */
export const SUBJECT: Record<string, string> = {
  account: '账号', session: '登录', password: '密码', totp: '动态验证码', token: '程序令牌', settings: '设置', bureau: '司法局', office: '司法所', agency: '执法单位',
  officer: '执法人员', business: '经营主体', visit: '伴随式监督', sheet: '记录表', finding: '发现', ticket: '反馈码', feedback: '反馈表', complaint: '投诉', lead: '线索', problem: '问题',
  vault: '身份信息', photo: '照片', evidence: '照片', deadline: '期限规则', calendar: '工作日历', import: '导入', device: '手机', phone: '手机', wall: '墙上码', paper: '纸质记录', outer: '12345', callback: '随机回访',
}
export const TRAIL: Record<string, string> = {
  'account.create': '新建账号', 'account.change': '改账号资料', 'account.leave': '停用账号', 'account.return': '恢复账号', 'password.change': '本人改密码', 'password.reset': '重置密码',
  'session.begin': '登录', 'session.end': '退出登录', 'session.end_others': '让别处退出', 'session.refuse': '登录被拒：密码不对', 'session.refuse_code': '登录被拒：动态验证码不对',
  'totp.begin': '开始绑定动态验证码', 'totp.confirm': '绑定动态验证码', 'totp.remove': '本人解除动态验证码', 'totp.reset': '管理员解除动态验证码', 'token.create': '发程序令牌', 'settings.security': '改登录安全设置',
  'bureau.save': '改司法局资料', 'office.create': '新增司法所', 'office.change': '改司法所', 'agency.create': '新增执法单位', 'agency.change': '改执法单位',
  'officer.create': '新增执法人员', 'officer.change': '改执法人员', 'officer.import': '导入执法人员', 'business.create': '新增经营主体', 'business.change': '改经营主体', 'business.import': '导入经营主体', 'business.meet': '现场登记经营主体',
  'vault.reveal': '查看身份信息', 'vault.ask_reveal': '申请查看身份信息', 'vault.approve_reveal': '同意查看身份信息', 'vault.decline_reveal': '不同意查看身份信息', 'vault.confirm_reveal': '阅过身份信息的查看', 'vault.rotate_key': '更换身份信息的密钥', 'visit.plan': '安排现场监督', 'visit.change': '改现场监督安排', 'visit.cancel': '取消现场监督', 'visit.start': '临时发起现场监督', 'visit.record': '现场监督已记录',
  'sheet.save': '收到记录表', 'sheet.rescue': '收下备份文件里的记录', 'sheet.clash': '收到不一致的记录表', 'sheet.settle': '选定记录表', 'finding.raise': '发现转为线索', 'finding.waive': '发现不再处理', 'photo.hold': '收存照片',
  'ticket.issue': '领反馈码', 'ticket.revoke': '作废反馈码', 'feedback.submit': '收到反馈表', 'feedback.paper': '录入纸质反馈表', 'feedback.answer': '答复反馈', 'complaint.file': '收到投诉', 'complaint.release': '投诉转出',
  'lead.raise': '产生线索', 'lead.second_version': '同一编号的另一份线索已留存', 'lead.register': '线索登记为问题', 'lead.attach': '线索并入问题', 'lead.dismiss': '线索不予登记', 'lead.refer': '线索转送',
  'device.enrol': '登记手机', 'device.revoke': '挂失手机', 'sheet.hold': '隔离记录表', 'sheet.settle_held': '核实隔离件', 'ticket.rotate': '换一批反馈码', 'ticket.reissue': '换一个反馈码', 'wall.make': '做墙上码', 'wall.revoke': '作废墙上码',
  'feedback.release': '放行反馈', 'feedback.redact': '改写给执法单位看的话', 'feedback.more': '收到追评', 'vault.correct': '更正个人信息', 'vault.erase': '删除个人信息', 'vault.expire': '到期销毁个人信息',
  'complaint.classify': '投诉分类', 'complaint.supplement': '补充投诉情况', 'complaint.accept': '受理投诉', 'complaint.refuse': '不予受理投诉', 'complaint.transfer': '转送投诉', 'complaint.assign': '指定调查人员', 'complaint.recuse': '回避',
  'complaint.ask_extension': '投诉申请延期', 'complaint.extend': '投诉同意延期', 'complaint.decline_extension': '投诉不同意延期', 'complaint.decide': '投诉处理意见', 'complaint.approve': '批准投诉处理意见', 'complaint.send_back': '退回投诉处理意见', 'complaint.ask_completion': '要求投诉人补正', 'complaint.stop_clock': '投诉停止计算期限', 'complaint.run_on': '投诉恢复计算期限', 'complaint.press': '催问转送的机关', 'complaint.outcome': '转送投诉的结果', 'complaint.answer': '告知投诉人', 'complaint.follow_up': '回访投诉人', 'complaint.close': '投诉归档', 'complaint.reopen': '重新办理投诉',
  'complaint.give_access': '本人查阅个人信息', 'complaint.correct_person': '本人更正个人信息', 'complaint.erase_person': '本人删除个人信息', 'complaint.settle_version': '核对投诉的两种写法', 'complaint.version': '投诉又来一种写法', 'complaint.hand_over': '移交投诉',
  'phone.loss': '手机疑似丢失记录', 'phone.found': '疑似丢失的找到了', 'phone.settle_loss': '了结疑似丢失', 'phone.discard': '本人丢弃手机里的记录', 'phone.unlock': '凭密码找回手机草稿', 'paper.make': '做空白记录表', 'paper.attach': '附上纸质记录照片', 'paper.bind': '空白记录表归到监督',
  'callback.draw': '抽取随机回访', 'callback.settings': '改随机回访的抽取比例', 'callback.call': '记下回访电话', 'callback.undo': '撤回一次回访记录', 'callback.lead': '回访登记为线索', 'complaint.results_export': '下载12345办理结果',
  'outer.make_key': '发12345密钥', 'outer.revoke_key': '停用12345密钥', 'lead.correct': '线索改挂执法单位', 'visit.paper': '归入纸质记录',
  'feedback.submit.ticket': '一小时内收到的反馈表', 'feedback.submit.wall': '一小时内收到的墙上码反馈',
  'problem.register': '登记问题', 'problem.join': '并入线索', 'problem.export': '下载台账', 'problem.hand_over': '移交经办人', 'problem.deidentify': '去标识', 'problem.order': '反馈给执法单位', 'problem.submit': '执法单位提交整改报告',
  'problem.correct_on_spot': '登记当场改正', 'problem.ask_extension': '执法单位申请延期', 'problem.extend': '同意延期', 'problem.decline_extension': '不同意延期', 'problem.object': '执法单位提出异议', 'problem.uphold': '异议复核：维持',
  'problem.amend': '异议复核：变更', 'problem.withdraw': '异议复核：撤回', 'problem.escalate': '升级文书', 'problem.close': '复核通过，销号', 'problem.return': '退回重新整改', 'problem.reopen': '重新打开', 'problem.refer': '移送其他机关', 'problem.accountability': '建议责任追究',
  'deadline.set_rule': '改期限规则', 'deadline.set_year': '改工作日历', 'deadline.load_year': '载入工作日历',
}
/** A deed in words; an unknown one is shown by what it was done to and its code. */
export function deedWords(deed: string): string {
  const subject = SUBJECT[deed.split('.')[0] ?? '']
  return TRAIL[deed] ?? (subject ? `${subject}（${deed}）` : deed)
}

export const DETAIL: Record<string, string> = {
  fields: '改了', rows: '行数', role: '岗位', from: '原岗位', to: '新岗位', moved: '移交件数', reason: '原因', successor: '接手人', session: '登录编号', days: '有效天数', ended: '退出数',
  size: '字节数', sha256: '指纹', digest: '指纹', version: '版本', visit_id: '现场监督', author_id: '填写人', count: '份数', year: '年度', problem_id: '问题', number: '编号', severity: '程度', origin: '来源', lead_id: '线索', lead: '线索',
  state: '状态', conflict_id: '冲突', kept: '留下', kind: '类型', cause: '原因', items: '还没收到', loss_id: '疑似丢失', account_id: '账号', device_id: '手机', held_id: '隔离件', again: '重新登记', found_again: '找回来的', month: '月份', visits: '检查次数', drawn: '抽中', share: '抽取比例', least: '至少抽', photos: '照片', shown: '看了', asked_by: '申请人', request: '申请', source: '出处', tickets: '作废的码', sessions: '退出数', retired: '停用的', algorithm: '算法', outcome: '结果', why: '原因', said_at: '告知时间', handed_in_by: '交来的人',
  totp_roles: '必须用动态验证码的岗位', idle_minutes: '无操作退出（分钟）', absolute_hours: '一次登录最长（小时）',
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** An inner number as people read it out to each other: its end. The trail itself keeps the whole. */
export function shortId(v: string): string {
  return UUID.test(v) ? `尾数${v.slice(-6)}` : /^[0-9a-f]{64}$/i.test(v) ? `${v.slice(0, 8)}…` : v
}
