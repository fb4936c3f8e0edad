//! One simulated person: a client, which goes from node to node and knows nothing
//! but what it is sent.

use std::sync::Arc;

use passerby::clock::Moment;
use passerby::ids::{NodeId, PersonId, SessionId};
use passerby::session::attendance::{Resume, Service};
use passerby::session::handle::Session;
use passerby::session::link::Link;
use passerby::session::token::{Token, TokenKey};

use super::node::Node;
use super::view::View;

pub struct Person {
    pub id: SessionId,
    pub token: Token,
    /// Which node it was on last.
    pub origin: NodeId,
    pub place: Place,
    pub view: View,
    /// Since when it has no connection.
    pub dropped: Moment,
    /// A newer copy of its session ended the one that it had.
    pub overtaken: bool,
    /// On which node it was then; a session that went on was on its way.
    pub left: NodeId,
    /// A machine died that had it, or was out of reach: more than one node may
    /// have its session for a while.
    pub doubtful: bool,
}

/// Where a client is.
pub enum Place {
    /// Connected.
    Online { node: usize, session: Arc<Session>, link: Link },
    /// Without a connection.
    Away,
    /// Waits at a node that asks others for its session.
    Coming { node: usize },
}

impl Person {
    pub fn new(id: SessionId, token: Token, origin: NodeId) -> Self {
        Self {
            id,
            token,
            origin,
            place: Place::Away,
            view: View::default(),
            dropped: Moment::default(),
            overtaken: false,
            left: origin,
            doubtful: false,
        }
    }

    pub fn person(&self) -> PersonId {
        self.id.into()
    }

    pub fn online(&self) -> Option<(usize, &Arc<Session>)> {
        match &self.place {
            Place::Online { node, session, .. } => Some((*node, session)),
            Place::Away | Place::Coming { .. } => None,
        }
    }

    pub fn resume(&self) -> Resume {
        Resume { token: self.token.clone(), seq: Some(self.view.last_seq) }
    }
}

pub fn service<'a>(node: &'a Node, key: &'a TokenKey) -> Service<'a> {
    Service { online: 0, grace: node.rules.grace, ice: &node.ice, key }
}
