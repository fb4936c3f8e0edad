//! News of one session that reach the host in another order than they came
//! about: they come from two connections.

use std::sync::Arc;

use passerby::clock::Moment;
use passerby::ice::Ice;
use passerby::identity::Identity;
use passerby::ids::SessionId;
use passerby::matchmaking::host::{Event, Host};
use passerby::matchmaking::pool::Config;
use passerby::metrics::Metrics;
use passerby::protocol::{Mode, Preferences};
use passerby::session::bell::Bell;
use passerby::session::handle::Session;
use passerby::session::token::Token;

struct Scene {
    host: Host,
    metrics: Arc<Metrics>,
}

impl Scene {
    fn new() -> Self {
        let metrics = Arc::new(Metrics::new());
        Self {
            host: Host::new(Config::default(), 1, Arc::new(Ice::none()), metrics.clone()),
            metrics,
        }
    }

    fn session(&self, id: u128) -> Arc<Session> {
        let (id, token) = (SessionId::from_u128(id), Token::random().hash());
        Session::new(id, token, Identity::of_session(id), self.metrics.kept_bytes.clone())
    }

    fn hears(&mut self, event: Event) {
        self.host.apply(Moment::default(), event);
    }

    fn waiting(&self) -> i64 {
        self.host.show();
        self.metrics.waiting_by_mode[Mode::Video].get()
    }
}

fn joins(session: &Arc<Session>) -> Event {
    let wait = session.lock().state.join(Moment::default(), Preferences::default());
    Event::waits(session, &wait)
}

#[test]
fn rule_6_a_pause_that_was_overtaken_by_the_resume_takes_nobody_out_of_the_queue() {
    let mut scene = Scene::new();
    let session = scene.session(1);
    let link = session.lock().open(&Arc::new(Bell::default()));
    scene.hears(joins(&session));
    let bell = Arc::new(Bell::default());
    assert!(session.lock().pause(link, 0, &bell).unwrap().waited);
    let wait = session.lock().resume(None, &bell).unwrap().wait.unwrap();
    scene.hears(Event::waits(&session, &wait));
    scene.hears(Event::Pauses { session: session.id() });
    assert_eq!(scene.waiting(), 1);
    let partner = scene.session(2);
    scene.hears(joins(&partner));
    assert!(session.lock().state.seat().is_some() && partner.lock().state.seat().is_some());
}

#[test]
fn rule_6_a_wait_that_was_overtaken_by_its_pause_puts_nobody_into_the_queue() {
    let mut scene = Scene::new();
    let session = scene.session(1);
    let bell = Arc::new(Bell::default());
    let link = session.lock().open(&bell);
    let waits = joins(&session);
    session.lock().pause(link, 0, &bell).unwrap();
    scene.hears(Event::Pauses { session: session.id() });
    scene.hears(waits);
    assert_eq!(scene.waiting(), 0);
}
