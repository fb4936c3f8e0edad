//! What the protocol promises of every message that a client gets.

use serde::Deserialize;

/// Which number the next message may have.
#[derive(Clone, Copy, Debug)]
enum Numbers {
    /// The one after the last.
    Next,
    /// Any later one: the client came back without naming what it has.
    Later,
    /// Any later one up to this: the `welcome` named a newer room, and what
    /// belongs to an older one is left out.
    Gaps { up_to: u64 },
}

/// What a client knows of its session, checked as messages come in: numbers
/// have no gaps but where the protocol allows them, none comes twice, and
/// nothing comes of a room that is not the current one.
#[derive(Clone, Debug)]
pub struct Checker {
    /// The last number that came in.
    pub last_seq: u64,
    /// The room that was last named as the client's.
    pub room: String,
    /// The role in it.
    pub role: String,
    in_room: bool,
    numbers: Numbers,
    /// Where the session stands is not known: it came back without a number.
    unsure: bool,
    /// The `matched` of this room may come behind the `welcome` that named it.
    named: Option<String>,
}

/// What is checked of every message. The rest is left unread: it may hold
/// numbers that this side has no form for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    #[serde(rename = "type")]
    kind: String,
    room: Option<String>,
    role: Option<String>,
    seq: Option<u64>,
    resumed: Option<bool>,
    last_seq: Option<u64>,
    missed: Option<bool>,
}

impl Checker {
    /// A client that knows of no session.
    pub fn new() -> Self {
        Self {
            last_seq: 0,
            room: String::new(),
            role: String::new(),
            in_room: false,
            numbers: Numbers::Next,
            unsure: false,
            named: None,
        }
    }

    /// The client asks to go on after `seq`.
    pub fn resumes(&mut self, seq: Option<u64>) {
        self.last_seq = seq.unwrap_or(self.last_seq);
        self.numbers = if seq.is_some() { Numbers::Next } else { Numbers::Later };
        self.unsure = seq.is_none();
    }

    /// The client leaves its room, if it is in one.
    pub fn leaves(&mut self) {
        self.in_room = false;
    }

    /// Takes note of a message.
    pub fn check(&mut self, text: &str) {
        let head: Head = serde_json::from_str(text).expect("a message");
        match head.seq {
            Some(seq) => self.number(seq, text),
            None => assert!(
                ["welcome", "online", "goingAway", "error"].contains(&&*head.kind),
                "a number: {text}"
            ),
        }
        match &*head.kind {
            "welcome" => self.welcome(head),
            "matched" => self.matched(head, text),
            "waiting" | "idle" => (self.in_room, self.unsure) = (false, false),
            "reported" | "online" | "goingAway" | "error" => (),
            kind => {
                let known = head.room.as_ref() == Some(&self.room);
                assert!(self.unsure || self.in_room && known, "rule 2: of this room: {text}");
                self.in_room = kind != "peerLeft";
                self.unsure &= self.in_room;
            }
        }
    }

    fn number(&mut self, seq: u64, text: &str) {
        let next = self.last_seq + 1;
        match self.numbers {
            Numbers::Next => assert_eq!(seq, next, "no gap, and none twice: {text}"),
            Numbers::Later => assert!(seq >= next, "none twice: {text}"),
            Numbers::Gaps { up_to } if seq <= up_to => assert!(seq >= next, "none twice: {text}"),
            Numbers::Gaps { up_to } => assert_eq!(seq, next.max(up_to + 1), "no gap: {text}"),
        }
        self.last_seq = seq;
        if !matches!(self.numbers, Numbers::Gaps { up_to } if seq < up_to) {
            self.numbers = Numbers::Next;
        }
    }

    fn welcome(&mut self, head: Head) {
        if head.resumed == Some(false) {
            *self = Self::new();
            return;
        }
        let last_seq = head.last_seq.expect("a welcome after a resume has lastSeq");
        if self.last_seq > last_seq {
            (self.last_seq, self.numbers) = (last_seq, Numbers::Later);
        }
        if head.missed == Some(true) {
            (self.numbers, self.unsure) = (Numbers::Later, true);
        }
        let Some(room) = head.room else { return };
        if room != self.room {
            if matches!(self.numbers, Numbers::Next) {
                self.numbers = Numbers::Gaps { up_to: last_seq };
            }
            self.named = Some(room.clone());
        }
        (self.room, self.role) = (room, head.role.expect("a role beside the room"));
        (self.in_room, self.unsure) = (true, false);
    }

    fn matched(&mut self, head: Head, text: &str) {
        let announced = self.named.take().is_some() && head.room.as_ref() == Some(&self.room);
        assert!(!self.in_room || announced || self.unsure, "rule 1: in one room: {text}");
        (self.room, self.role) = (head.room.unwrap(), head.role.unwrap());
        (self.in_room, self.unsure) = (true, false);
    }
}
