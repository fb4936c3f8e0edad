/** Puts the page together: the runner with its parts, and what renders it. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './components/App';
import { Connection, socketUrl } from './connection/connection';
import { fetchIce } from './connection/ice-api';
import { Pictures } from './connection/pictures';
import { exposeDiagnostics } from './diagnostics';
import { Devices } from './peer/media';
import { NetworkWatch } from './peer/network';
import { Peers } from './peer/peers';
import { Runner } from './state/runner';
import { TabStorage } from './state/tab-storage';
import './styles/base.css';
import './styles/screens.css';
import './styles/call.css';
import './styles/dialogs.css';

const runner = new Runner({
  connection: (token, listen) => new Connection({ url: socketUrl(window.location), token, listen }),
  devices: (listen) => new Devices(listen),
  peers: (devices, token, listen) =>
    new Peers({
      media: () => devices.stream,
      listen,
      fetchIce: (signal) => fetchIce(token(), signal),
    }),
  pictures: (token, listen) =>
    new Pictures({ token, lost: (room, problem) => listen({ room, problem }) }),
  storage: new TabStorage(),
});

exposeDiagnostics(window, () => runner.currentPeer);
const network = new NetworkWatch(window, () => runner.networkChanged());
window.addEventListener('online', () => runner.hurry());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') runner.wake();
});
window.addEventListener('pagehide', () => {
  network.dispose();
  runner.dispose();
});
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
