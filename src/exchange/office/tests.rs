use super::*;
use crate::matchmaking::pool::Config;

const ME: NodeId = NodeId::from_bits(1);
const OTHER: NodeId = NodeId::from_bits(2);

fn office(metrics: &Arc<Metrics>) -> Arc<Office> {
    let plan = Plan {
        me: ME,
        name: String::new(),
        ttl: Duration::from_secs(3),
        grace: Duration::from_secs(15),
        parts: 1,
        rules: Config::default(),
    };
    let office = Office::new(Moment::default(), plan, metrics.clone());
    office.members.lock().reach(Moment::default(), true);
    office
}

#[test]
fn a_node_that_comes_or_is_back_is_told_that_nothing_of_it_is_known() {
    let metrics = Arc::new(Metrics::new());
    let office = office(&metrics);
    for (times, seconds) in [(1, 0), (1, 2), (2, 60)] {
        let now = Moment::default() + Duration::from_secs(seconds);
        office.members.lock().expire(now);
        office.hear_member(now, OTHER, Some(Status::default()));
        let told = format!("letters_total{{kind=\"forgotten\"}} {times}\n");
        assert!(metrics.render().unwrap().contains(&told), "after {seconds} s");
    }
}

#[test]
fn a_node_does_not_miss_itself() {
    let office = office(&Arc::new(Metrics::new()));
    let now = Moment::default() + Duration::from_secs(60);
    let missed = [ME, NodeId::from_bits(3)].map(|node| (node, Duration::from_secs(1))).to_vec();
    office.hear_member(now, OTHER, Some(Status { missed: missed.clone(), ..Status::default() }));
    assert_eq!(office.members.lock().missed(now), missed[1..]);
}
