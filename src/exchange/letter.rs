//! What nodes say to each other.

use serde::{Deserialize, Serialize};

use super::channel::Numbers;
use super::claims::Batch;
use super::members::Status;
use crate::clock::UnixMillis;
use crate::identity::DeviceHash;
use crate::ids::{NodeId, RoomId, SessionId};
use crate::matchmaking::proposal::{Likeness, Offer, Proposal, Refusal, Request, Verdict};
use crate::moderation::record::{Ban, ReportFact, Separation};
use crate::protocol::WhyLeft;
use crate::session::lines::LineHash;
use crate::session::record::SessionRecord;
use crate::session::state::{Terms, UNKNOWN_EPOCHS};
use crate::session::token::TokenHash;

/// One message from node to node. Each may be lost, repeated or late: who needs
/// an answer asks again.
#[derive(Debug, Serialize, Deserialize)]
pub enum Letter {
    /// To who holds a part of the pool: a ticket.
    Offer(Box<Offer>),
    /// To the same: a ticket is gone.
    Withdraw {
        /// Whose.
        session: SessionId,
        /// Under which it was offered.
        epoch: u64,
    },
    /// From who holds it to the owner of the offerer's side: a pair.
    Propose(Box<Proposal>),
    /// Back: what became of it.
    Outcome {
        /// Which.
        room: RoomId,
        /// What.
        verdict: Verdict,
    },
    /// To the owner of the answerer's side.
    Seat(Box<Request>),
    /// Back: it is not seated. That it is, is the first [`Frame`].
    NotSeated {
        /// Which room it would have been.
        room: RoomId,
        /// Why.
        why: Refusal,
    },
    /// From one side of a room to the other.
    Frame(Box<Frame>),
    /// Everything up to a number was heard.
    Confirm {
        /// In which room.
        room: RoomId,
        /// Whose words were heard.
        to: SessionId,
        /// Up to which.
        heard: u64,
    },
    /// Nobody sits opposite there.
    Gone {
        /// In which room.
        room: RoomId,
        /// Who spoke.
        to: SessionId,
        /// How often that one's session had moved: a later owner is not meant.
        moves: u32,
        /// Up to which number it had heard the other side then. Where it has heard
        /// more since, somebody sits there after all, who was still on the way.
        heard: u64,
    },
    /// Who sits opposite is on another node now.
    Moved {
        /// In which room.
        room: RoomId,
        /// Who spoke.
        to: SessionId,
        /// Where the other side is.
        node: NodeId,
        /// How often it has moved.
        moves: u32,
    },
    /// Who has the session of a token? Who has it gives it up.
    Ask {
        /// For the answer.
        question: u64,
        /// Whose.
        token: TokenHash,
    },
    /// Back.
    Answer {
        /// To which.
        question: u64,
        /// What.
        answer: Box<Answer>,
    },
    /// Take this session over, please.
    Adopt(Box<SessionRecord>),
    /// To all: what a node says of itself, beside its entry in the cluster. That one
    /// can't be written while NATS chooses a leader.
    Status(Box<Status>),
    /// To all: what was reported, and who is banned.
    Moderation(Box<Circular>),
    /// It arrived and is looked after: nothing of it need be kept any more.
    Adopted {
        /// Which.
        session: SessionId,
        /// The epoch that its record names.
        epoch: u64,
    },
    /// It did not: the sender stops itself, never had it, and never takes it.
    Declined {
        /// Which.
        session: SessionId,
        /// The epoch that its record names.
        epoch: u64,
    },
    /// To a node that comes, or is back: the sender has none of its tickets, for it
    /// dropped them and took no more when it believed that node to be lost.
    Forgotten,
    /// The sender stood still: what did the receiver bring back to life meanwhile?
    Woke {
        /// For the answer.
        question: u64,
    },
    /// Sessions that the sender brought back to life: older copies of them are to end.
    Claims {
        /// Those.
        batch: Batch,
        /// Which question that answers, if it was asked.
        question: Option<u64>,
    },
    /// Back: it heard of them.
    Claimed {
        /// Of all up to this number.
        up_to: u64,
    },
}

/// What nodes tell each other beside what they read in the store, which may be away
/// or be one for each node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Circular {
    /// Somebody was reported.
    Reported(ReportFact),
    /// People are banned, or no longer.
    Bans(Vec<Ban>),
    /// Two never meet again. Said where each node has a store of its own.
    Separated(Separation),
    /// What is kept under a device is erased. The same.
    Erased {
        /// Whose.
        device: DeviceHash,
        /// When that was asked; what is newer stays.
        at: UnixMillis,
    },
}

/// What is said in a room, under its number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Frame {
    /// The room.
    pub room: RoomId,
    /// Whom it is for.
    pub to: SessionId,
    /// Who says it.
    pub from: SessionId,
    /// How often the sender's session has moved: the newest owner counts.
    pub moves: u32,
    /// The place in what the sender says.
    pub number: u64,
    /// The first that the sender still keeps: all before was heard.
    pub first: u64,
    /// Everything up to this number was heard of the receiver.
    pub heard: u64,
    /// What is said.
    pub content: Content,
}

/// What one side of a room has for the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Content {
    /// The answerer sits.
    Seated(Box<Likeness>),
    /// A signal: the message for the partner, as JSON without its end. Of a line of
    /// text its hash as well.
    Signal(String, Option<LineHash>),
    /// The number of the connection, or of its end.
    Link(u64),
    /// The seat was given up.
    Parted(WhyLeft),
}

/// What is known of a token's session.
#[derive(Debug, Serialize, Deserialize)]
pub enum Answer {
    /// Nothing.
    Unknown,
    /// It was here: all of it. From now on it is the asker's.
    Here(Box<SessionRecord>),
    /// It went on to another node.
    Moved(NodeId),
    /// Its node is lost; a partner of it sits here.
    Orphaned(Box<Orphan>),
}

/// What a partner's node knows of a session whose node is lost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Orphan {
    /// Who it is.
    pub likeness: Likeness,
    /// The room, and who sits opposite.
    pub seat: OrphanSeat,
}

impl Orphan {
    /// Under which the session is brought back: above all that its node may have made of
    /// it. Of several that are known of one session the highest is the newest.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.likeness.epoch + UNKNOWN_EPOCHS * (u64::from(self.seat.moves) + 1)
    }
}

/// The seat that an orphan still has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrphanSeat {
    /// The room.
    pub room: RoomId,
    /// Who sits opposite.
    pub opposite: Likeness,
    /// Whether that one made the first offer.
    pub opposite_offers: bool,
    /// What the two have in common.
    pub terms: Terms,
    /// How often the lost session had moved.
    pub moves: u32,
    /// How often the one opposite has.
    pub opposite_moves: u32,
    /// How far the one opposite has said and heard.
    pub numbers: Numbers,
    /// The newest number that was heard of the lost session's connection.
    pub link: u64,
}

impl Letter {
    /// The kinds, as a metric's labels.
    pub const KINDS: [&str; 21] = [
        "offer",
        "withdraw",
        "propose",
        "outcome",
        "seat",
        "not_seated",
        "frame",
        "confirm",
        "gone",
        "moved",
        "ask",
        "answer",
        "adopt",
        "adopted",
        "status",
        "moderation",
        "forgotten",
        "woke",
        "claims",
        "claimed",
        "declined",
    ];

    /// Its place among [`KINDS`](Self::KINDS).
    #[must_use]
    pub const fn kind(&self) -> usize {
        match self {
            Self::Offer(_) => 0,
            Self::Withdraw { .. } => 1,
            Self::Propose(_) => 2,
            Self::Outcome { .. } => 3,
            Self::Seat(_) => 4,
            Self::NotSeated { .. } => 5,
            Self::Frame(_) => 6,
            Self::Confirm { .. } => 7,
            Self::Gone { .. } => 8,
            Self::Moved { .. } => 9,
            Self::Ask { .. } => 10,
            Self::Answer { .. } => 11,
            Self::Adopt(_) => 12,
            Self::Adopted { .. } => 13,
            Self::Status(_) => 14,
            Self::Moderation(_) => 15,
            Self::Forgotten => 16,
            Self::Woke { .. } => 17,
            Self::Claims { .. } => 18,
            Self::Claimed { .. } => 19,
            Self::Declined { .. } => 20,
        }
    }
}
