import { type Act, type Page, usePage } from '../hooks/use-page';
import { useTitle } from '../hooks/use-title';
import type { State } from '../state/model';
import { CallScreen } from './CallScreen';
import { ClosedScreen } from './ClosedScreen';
import { Header } from './Header';
import { LandingScreen } from './LandingScreen';
import { LeftScreen } from './LeftScreen';
import { ConnectionNotice, ErrorNotice } from './Notices';
import { PermissionScreen } from './PermissionScreen';
import { RestoringScreen } from './RestoringScreen';
import { WaitingScreen } from './WaitingScreen';
import { screenWords } from './words';

export function App({ page }: { readonly page: Page }) {
  const state = usePage(page);
  const words = screenWords(state.screen);
  useTitle(words);
  return (
    <>
      <Header online={state.online} />
      <p role="status" className="visually-hidden">
        {words}
      </p>
      <ConnectionNotice state={state} />
      <ErrorNotice notice={state.notice} act={page.act} />
      <main data-screen={state.screen.kind}>
        <CurrentScreen state={state} act={page.act} />
      </main>
    </>
  );
}

function CurrentScreen({ state, act }: { readonly state: State; readonly act: Act }) {
  const { screen } = state;
  switch (screen.kind) {
    case 'landing':
      return <LandingScreen wish={state.wish} privacy={state.privacy} act={act} />;
    case 'permission':
      return <PermissionScreen problem={screen.problem} act={act} />;
    case 'waiting':
      return <WaitingScreen wish={state.wish} media={state.media} act={act} />;
    case 'call':
      return (
        <CallScreen
          key={screen.call.room}
          call={screen.call}
          media={state.media}
          canSend={state.link.kind === 'up'}
          act={act}
        />
      );
    case 'left':
      return (
        <LeftScreen
          past={screen.past}
          why={screen.why}
          media={state.media}
          canSend={state.link.kind === 'up'}
          act={act}
        />
      );
    case 'restoring':
      return <RestoringScreen act={act} />;
    case 'closed':
      return <ClosedScreen why={screen.why} act={act} />;
    default:
      return screen satisfies never;
  }
}
