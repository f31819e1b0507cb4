import { createApp } from 'vue'
import '../ui/tokens.css'
import '../ui/desk.css'
import '../ui/print.css'
import '../ui/trusted'
import { onSignedOut } from '../api/client'
import App from './App.vue'
import { router } from './router'
import { dropAllDrafts } from './problem/drafts'
import { dropAllSaved } from './problem/saved'
import { forget, onLeave, refreshMe } from './session'

onLeave(dropAllDrafts)
onLeave(dropAllSaved)

onSignedOut((e) => {
  if (e.status === 401) forget()
  else void refreshMe()
  const at = router.currentRoute.value
  if (at.name !== 'login' && at.name) void router.push({ name: 'login', query: { to: at.fullPath, ...(e.status === 401 ? { again: '1' } : {}) } })
})

const app = createApp(App)
app.config.errorHandler = (e) => console.error(e)
app.use(router).mount('#app')
