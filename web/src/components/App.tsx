import { useAddress } from '../hooks/use-address';
import { type Act, type Page, usePage } from '../hooks/use-page';
import { useTitle } from '../hooks/use-title';
import type { State } from '../state/model';
import { reportable } from '../state/past';
import { CallScreen } from './CallScreen';
import { ClosedScreen } from './ClosedScreen';
import { Header } from './Header';
import { KeptDialog } from './KeptDialog';
import { KEPT } from './KeptLink';
import { LandingScreen } from './LandingScreen';
import { LeftScreen } from './LeftScreen';
import { ConnectionNotice, ErrorNotice, ToldNotice } from './Notices';
import { PermissionScreen } from './PermissionScreen';
import { ReportSheet } from './ReportSheet';
import { RestoringScreen } from './RestoringScreen';
import { WaitingScreen } from './WaitingScreen';
import { screenWords } from './words';

export function App({ page }: { readonly page: Page }) {
  const state = usePage(page);
  const words = screenWords(state.screen);
  useTitle(words);
  const kept = useAddress(KEPT);
  return (
    <>
      <Header online={state.online} />
      <p role="status" className="visually-hidden">
        {words}
      </p>
      <ConnectionNotice state={state} />
      <ErrorNotice notice={state.notice} act={page.act} />
      <ToldNotice told={state.told} act={page.act} />
      <main data-screen={state.screen.kind}>
        <CurrentScreen state={state} act={page.act} />
      </main>
      <CurrentSheet state={state} act={page.act} />
      {kept.open && <KeptDialog leave={kept.leave} />}
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
      return <LeftScreen past={screen.past} why={screen.why} media={state.media} act={act} />;
    case 'restoring':
      return <RestoringScreen act={act} />;
    case 'closed':
      return <ClosedScreen why={screen.why} ban={screen.ban} act={act} />;
    default:
      return screen satisfies never;
  }
}

/** A report that is being made: it stays open when the partner leaves meanwhile. */
function CurrentSheet({ state, act }: { readonly state: State; readonly act: Act }) {
  const past = reportable(state);
  if (past === null || past.sheet === null) return null;
  const goesOn = state.screen.kind === 'call';
  return <ReportSheet key={past.room} past={past} sheet={past.sheet} goesOn={goesOn} act={act} />;
}
