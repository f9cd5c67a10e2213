//! Fairness over many random histories. Each failure names its seed.

use std::collections::HashMap;

use super::*;

const NOW: Millis = Millis::from_i64(1_795_300_000_000);

fn waiter(person: i64, weight: u32) -> Waiter {
    Waiter {
        person: PersonId::from_i64(person),
        weight,
        at_once: None,
        running: 0,
        pass: 0,
        served_at: Millis::default(),
        since: NOW,
        relaxed: false,
    }
}

/// An upstream with so many places that people share; clips end in random order.
struct Sharing {
    random: fastrand::Rng,
    people: Vec<Waiter>,
    waiting: Vec<u32>,
    running: Vec<PersonId>,
    served: HashMap<PersonId, u32>,
    clock: i64,
    now: Millis,
}

impl Sharing {
    fn new(seed: u64, people: Vec<Waiter>) -> Self {
        let waiting = vec![0; people.len()];
        Self {
            random: fastrand::Rng::with_seed(seed),
            people,
            waiting,
            running: Vec::new(),
            served: HashMap::new(),
            clock: 0,
            now: NOW,
        }
    }

    fn queue(&mut self, person: usize, clips: u32) {
        if self.waiting[person] == 0 {
            self.people[person].since = self.now;
        }
        self.waiting[person] += clips;
    }

    /// Fills the places; each clip that goes is checked against every limit.
    fn dispatch(&mut self, places: usize) -> Vec<PersonId> {
        let mut went = Vec::new();
        while self.running.len() < places {
            let waiters: Vec<Waiter> = self
                .people
                .iter()
                .zip(&self.waiting)
                .filter(|(_, waiting)| **waiting > 0)
                .map(|(person, _)| {
                    let running = self.running.iter().filter(|other| **other == person.person).count();
                    Waiter { running: u32::try_from(running).unwrap_or(u32::MAX), ..*person }
                })
                .collect();
            let Some(turn) = next(&waiters, self.clock, self.now) else { break };
            self.clock = turn.clock;
            let place = self.people.iter().position(|person| person.person == turn.person).expect("somebody known");
            (self.people[place].pass, self.people[place].served_at) = (turn.pass, self.now);
            self.people[place].since = self.now;
            self.waiting[place] -= 1;
            self.running.push(turn.person);
            *self.served.entry(turn.person).or_default() += 1;
            let running = self.running.iter().filter(|other| **other == turn.person).count();
            let most =
                self.people[place].at_once.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
            assert!(running <= most, "{:?} has {running} of {most} running", turn.person);
            went.push(turn.person);
        }
        went
    }

    fn end_one(&mut self) {
        if !self.running.is_empty() {
            let place = self.random.usize(0..self.running.len());
            self.running.swap_remove(place);
        }
        self.now = self.now.after(Duration::from_secs(self.random.u64(1..90)));
    }
}

#[test]
fn shares_are_within_a_tenth_of_the_weights_over_a_thousand_clips() {
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let people: Vec<Waiter> = (1..=random.i64(2..6)).map(|id| waiter(id, random.u32(1..6))).collect();
        let weights: u32 = people.iter().map(|person| person.weight).sum();
        let mut sharing = Sharing::new(seed, people.clone());
        (0..people.len()).for_each(|person| sharing.queue(person, 2_000));
        let places = sharing.random.usize(1..5);
        let mut total = 0;
        while total < 1_000 {
            total += sharing.dispatch(places).len();
            sharing.end_one();
        }
        for person in &people {
            let due = 1_000 * person.weight / weights;
            let had = sharing.served.get(&person.person).copied().unwrap_or(0);
            assert!(
                had.abs_diff(due) * 10 <= due,
                "seed {seed}: weight {} of {weights} had {had}, due {due}",
                person.weight
            );
        }
    }
}

#[test]
fn nobody_starves_whatever_the_others_send() {
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let many = random.i64(2..9);
        let people: Vec<Waiter> = (1..=many)
            .map(|id| Waiter { at_once: random.bool().then(|| random.u32(1..4)), ..waiter(id, random.u32(1..101)) })
            .collect();
        let mut sharing = Sharing::new(seed, people);
        let mut since: HashMap<PersonId, u32> = HashMap::new();
        for round in 0..1_000_u32 {
            for person in 0..sharing.people.len() {
                if sharing.random.u32(0..4) == 0 {
                    let clips = sharing.random.u32(1..6);
                    sharing.queue(person, clips);
                }
            }
            let places = sharing.random.usize(1..5);
            for person in sharing.dispatch(places) {
                since.insert(person, round);
            }
            sharing.end_one();
            for (place, person) in sharing.people.iter().enumerate() {
                if sharing.waiting[place] == 0 {
                    since.insert(person.person, round);
                }
                // A weight of 1 against eight of 100 has its turn after 800 others, or after an hour.
                let waited = round - since.get(&person.person).copied().unwrap_or(0);
                assert!(waited < 250, "seed {seed}: {:?} waited {waited} rounds", person.person);
            }
        }
    }
}

#[test]
fn who_was_away_saved_nothing_up() {
    let mut sharing = Sharing::new(1, vec![waiter(1, 1), waiter(2, 1)]);
    sharing.queue(0, 500);
    for _ in 0..100 {
        sharing.dispatch(1);
        sharing.end_one();
    }
    sharing.queue(1, 100);
    let mut went = Vec::new();
    for _ in 0..10 {
        went.extend(sharing.dispatch(1));
        sharing.end_one();
    }
    let second = went.iter().filter(|person| **person == PersonId::from_i64(2)).count();
    assert!((4..=6).contains(&second), "{went:?}");
}

#[test]
fn a_relaxed_clip_goes_only_when_nothing_else_waits() {
    let relaxed = Waiter { relaxed: true, since: Millis::default(), ..waiter(1, 100) };
    let full = Waiter { at_once: Some(1), running: 1, ..waiter(2, 1) };
    assert_eq!(next(&[relaxed, full], 0, NOW), None, "the other still waits");
    let turn = next(&[relaxed], 0, NOW).expect("a turn");
    assert_eq!((turn.person, turn.why), (PersonId::from_i64(1), Why::Relaxed));
}

#[test]
fn the_order_told_is_the_order_kept() {
    for seed in 0..50 {
        let mut random = fastrand::Rng::with_seed(seed);
        let people: Vec<Waiter> = (1..=4).map(|id| waiter(id, random.u32(1..5))).collect();
        let waiting: Vec<(u32, u32)> = people.iter().map(|_| (random.u32(1..30), 0)).collect();
        let told = order(&people, &waiting, 0, NOW, 60);
        let mut sharing = Sharing::new(seed, people);
        sharing.waiting = waiting.iter().map(|(clips, _)| *clips).collect();
        let mut kept = Vec::new();
        for _ in 0..told.len() {
            kept.extend(sharing.dispatch(1));
            sharing.running.clear();
        }
        assert_eq!(told.iter().map(|(person, _)| *person).collect::<Vec<_>>(), kept, "seed {seed}");
    }
}
