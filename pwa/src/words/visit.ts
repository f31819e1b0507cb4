// Words of the visit screens at the desk. Codes are the wire's.
export const METHOD: Record<string, string> = { accompanied: '伴随式', special: '专项监督', unannounced: '暗访', random: '随机抽查', casefile: '案卷评查' }
export const VISIT_ORIGIN: Record<string, string> = { planned: '事先计划', spot: '现场发起' }
export const STANCE: Record<string, string> = { accept: '认可记录', object: '有异议', refused: '拒绝签字' }
export const STANDING: Record<string, string> = { valid: '证件有效', expired: '已过有效期', suspended: '已暂扣或注销', unknown: '名录里没有这个证号' }
export const BUSINESS_KIND: Record<string, string> = { company: '企业', household: '个体工商户', farm: '农户、合作社', other: '其他' }

/** What the server points out on a record. It never refuses a record for these. */
export const REMARK: Record<string, string> = {
  single_supervisor: '只有一名监督人员。一般要两人以上，请在记录里说明。',
  officer_expired: '有执法人员的证件在检查当天已过有效期。',
  officer_suspended: '有执法人员的证件已暂扣或注销。',
  officer_unknown: '有执法人员的证号在名录里查不到。',
  officer_differs: '有证号在名录里是另一个名字，或属于另一个单位。',
  few_officers: '登记的执法人员不到两人。',
  clock_ahead: '手机的时间比服务器快，封存时间可能不准。',
  clock_wrong: '手机的时钟不对，记录里的时间不能当真。期限按服务器收到的时间算。',
  times_crossed: '记录里的时间前后不合，多半是中途改过手机的时钟。',
  long_visit: '从开始到最后一次记录超过三天，结束时间请向本人核实。',
  photo_old: '有相册里的照片，自带的时间比选进来早一天以上。自带的时间只作参考，请看一下是不是这次拍的。',
  photo_time: '有照片的时间不对，不能当拍摄时间用。',
  from_quarantine: '这份记录先进了隔离件，由司法所核实后收下。',
  from_rescue: '这份记录由司法所用手机的备份文件收下，不是手机自己送来的。',
  rules_broken: '收下时有不合规则的地方，内容照原样留着。',
  late: '检查一天以后才封存，属于补录。',
  late_unexplained: '检查一天以后才封存，没有写补录的原因。',
  agency_differs: '记录里写的执法单位与计划的不同。',
  after_cancel: '这次监督取消以后，记录表才送到。',
  ticket_unbound: '现场出示的评价码已经用在别处，没有连到这次监督。',
}

export const VISIT_PAST: Record<string, string> = { plan: '计划', change: '改计划', cancel: '取消', record: '收到记录表', accept: '认可记录表', hand_over: '换人接手' }

export const CONFLICT: Record<string, string> = { same_id: '同一个编号，两份内容不同', same_version: '同一人、同一版，来自两部手机' }
