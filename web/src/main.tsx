/** Puts the page together: the runner with its parts, and what renders it. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './components/App';
import { Connection, socketUrl } from './connection/connection';
import { exposeDiagnostics } from './diagnostics';
import { Devices } from './peer/media';
import { Peers } from './peer/peers';
import { Runner } from './state/runner';
import { TabStorage } from './state/tab-storage';
import './styles/base.css';
import './styles/screens.css';
import './styles/call.css';

const runner = new Runner({
  connection: (token, listen) => new Connection({ url: socketUrl(window.location), token, listen }),
  devices: (listen) => new Devices(listen),
  peers: (devices, listen) => new Peers(() => devices.stream, listen),
  storage: new TabStorage(),
});

exposeDiagnostics(window, () => runner.currentPeer);
window.addEventListener('online', () => runner.hurry());
window.addEventListener('pagehide', () => runner.dispose());
window.addEventListener('pageshow', (event) => {
  if (event.persisted) window.location.reload();
});

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App page={runner} />
  </StrictMode>,
);
runner.start();
