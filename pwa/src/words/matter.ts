// What an inspection is about. Apart from the other words: the phone's first page needs no more than these.
export const MATTER: Record<string, string> = {
  safety: '安全生产', appearance: '市容环境', construction: '规划建设', land: '自然资源', environment: '生态环境', food: '食品药品', agriculture: '农业农村', fire: '消防', other: '其他',
}
