use super::*;
use crate::matchmaking::pool::Config;

#[test]
fn a_node_that_comes_or_is_back_is_told_that_nothing_of_it_is_known() {
    let metrics = Arc::new(Metrics::new());
    let plan = Plan {
        me: NodeId::from_bits(1),
        name: String::new(),
        ttl: Duration::from_secs(3),
        grace: Duration::from_secs(15),
        parts: 1,
        rules: Config::default(),
    };
    let office = Office::new(Moment::default(), plan, metrics.clone());
    office.members.lock().reach(Moment::default(), true);
    for (times, seconds) in [(1, 0), (1, 2), (2, 60)] {
        let now = Moment::default() + Duration::from_secs(seconds);
        office.members.lock().expire(now);
        office.hear_member(now, NodeId::from_bits(2), Some(Status::default()));
        let told = format!("letters_total{{kind=\"forgotten\"}} {times}\n");
        assert!(metrics.render().unwrap().contains(&told), "after {seconds} s");
    }
}
