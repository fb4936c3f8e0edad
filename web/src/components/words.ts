/** The page's words for what the state says in codes. */
import type { FinalClose } from '../connection/backoff';
import type { PictureProblem } from '../connection/picture-policy';
import type { DeviceProblem } from '../peer/media';
import type { ReportReason } from '../protocol';
import type { Call, LeftWhy, Notice, Screen, State, Told } from '../state/model';
import { inWords } from './times';

export const DEVICE_PROBLEMS: Readonly<Record<DeviceProblem, string>> = {
  refused:
    'The camera and microphone were refused. You can allow them in the browser’s settings for this page and try again.',
  absent: 'No camera was found on this device.',
  busy: 'The camera or microphone is in use by another program.',
  unsupported:
    'This browser gives the page no camera. It may need a secure address that begins with https.',
};

export const LEFT: Readonly<Record<LeftWhy, string>> = {
  next: 'The stranger went on to somebody else.',
  left: 'The stranger left.',
  disconnected: 'The stranger’s connection was lost.',
  removed: 'The stranger was removed by the moderators. You can go on with somebody else.',
  server_lost: 'The connection to the server was lost, and the chat ended with it.',
};

interface ClosedWords {
  readonly title: string;
  readonly words: string;
  readonly button: string;
}

/** A ban has a screen of its own. */
export const CLOSED: Readonly<Record<Exclude<FinalClose, 'banned'>, ClosedWords>> = {
  policy: {
    title: 'Disconnected',
    words:
      'The server closed the connection because it got too much, or something wrong, from this page.',
    button: 'Connect again',
  },
  elsewhere: {
    title: 'Passerby is open in another tab',
    words: 'Your chat goes on there. You can also take it back to this tab.',
    button: 'Use here',
  },
};

export const PARTNER_AWAY = 'Your partner’s connection was lost, waiting for them…';

export const REASONS: Readonly<Record<ReportReason, string>> = {
  nudity: 'Nudity or sexual content',
  minor: 'Seems to be a minor',
  harassment: 'Harassment or hate',
  spam: 'Spam or advertising',
  violence: 'Violence or threats',
  other: 'Something else',
};

export function noticeWords(notice: Notice): string {
  switch (notice.code) {
    case 'rate_limited':
      return `That was a little too quick. ${worksAgain(notice)}`;
    case 'unavailable':
      return `The service cannot do this right now. ${worksAgain(notice)}`;
    case 'cannot_hide':
      return 'This service has no relay now and can’t hide your address. You were not paired.';
    case 'proof_required':
      return 'The service is very busy and asks for a proof of work, which this page cannot give. Try again later.';
    case 'missed':
      return 'The connection was lost for a moment. Something that was said may be missing here.';
    case 'chat_over':
      return 'Your chat ended while this page was away.';
    case 'too_large':
      return 'That message was too large.';
    case 'not_in_room':
      return 'That chat is already over.';
    case 'bad_message':
      return `The server did not understand this page (${notice.message}). Reloading may help.`;
    default:
      return notice.message === '' ? 'The server refused this.' : notice.message;
  }
}

function worksAgain({ retryAfterMs }: Notice): string {
  return retryAfterMs === null ? 'Try again later.' : `It works again ${inWords(retryAfterMs)}.`;
}

/** What becomes of a report or a block. */
export function toldWords(told: Told): string {
  switch (told.kind) {
    case 'report':
      return REPORT_TOLD[told.outcome];
    case 'block':
      return BLOCK_TOLD[told.outcome];
    case 'picture':
      return `Your report was taken, but ${PICTURE_LOST[told.why]}`;
    default:
      return told satisfies never;
  }
}

type Outcome = Extract<Told, { kind: 'report' | 'block' }>['outcome'];

const REPORT_TOLD: Readonly<Record<Outcome, string>> = {
  sending: 'Sending your report…',
  waiting: 'Your report is sent as soon as the connection is back.',
  taken: 'Reported. You won’t meet again.',
  lost: 'Your report could not be taken: the chat was over for too long, or the connection was lost. Should you meet them again, report them then.',
  refused:
    'Your report could not be taken: there were too many just now. Should you meet them again, report them then.',
};

const BLOCK_TOLD: Readonly<Record<Outcome, string>> = {
  sending: 'Blocking…',
  waiting: 'They are blocked as soon as the connection is back.',
  taken: 'Blocked. You won’t meet again.',
  lost: 'They could not be blocked: the chat was over for too long, or the connection was lost. Should you meet them again, block them then.',
  refused:
    'They could not be blocked: there were too many blocks or reports just now. Should you meet them again, block them then.',
};

const PICTURE_LOST: Readonly<Record<PictureProblem, string>> = {
  gone: 'its picture came too late.',
  refused: 'its picture was not accepted.',
  away: 'its picture could not be sent.',
};

export const CAMERA_BLACK = 'The stranger’s camera is off or covered.';

/** What is wrong with the picture, or how far it is; nothing while it runs. */
export function pictureWords(call: Call): string {
  switch (call.peer) {
    case 'failed':
      return 'No video connection could be made. You can still chat, or go on to the next.';
    case 'disconnected':
      return 'The picture is interrupted. Trying to restore it…';
    case 'new':
    case 'connecting':
      return call.overdue
        ? 'The video connection is taking long. You can chat meanwhile, or go on to the next.'
        : 'Connecting…';
    case 'connected':
      return call.remote?.getVideoTracks().length ? '' : 'The stranger has no camera.';
    case 'closed':
    case 'none':
      return '';
    default:
      return call.peer satisfies never;
  }
}

/** A few words about the connection to the server; nothing while it stands. */
export function linkWords({ link, screen }: State): string {
  // These say it themselves.
  if (screen.kind === 'closed' || screen.kind === 'restoring') return '';
  switch (link.kind) {
    case 'up':
      return '';
    case 'connecting':
      return 'Connecting to the server…';
    case 'down':
      if (screen.kind === 'call' && link.lapsed) {
        return 'Reconnecting… It has taken long: your chat may be over.';
      }
      return screen.kind === 'call' && screen.call.mode === 'video'
        ? 'Reconnecting… Your call goes on; the chat waits.'
        : 'Reconnecting…';
    default:
      return link satisfies never;
  }
}

/** The change of screen, for screen readers and the tab's title. */
export function screenWords(screen: Screen): string {
  switch (screen.kind) {
    case 'landing':
      return '';
    case 'permission':
      return screen.problem === null ? 'Camera and microphone' : 'No camera';
    case 'waiting':
      return 'Looking for a stranger';
    case 'call':
      return 'You are talking with a stranger';
    case 'left':
      return 'The chat is over';
    case 'restoring':
      return 'Reconnecting';
    case 'closed':
      return screen.why === 'banned' ? 'Not admitted' : CLOSED[screen.why].title;
    default:
      return screen satisfies never;
  }
}
