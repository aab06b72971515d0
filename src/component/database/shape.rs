//! Which databases of a drawing take writes: those that no others feed, or those that feed each other in a ring.

/// What a database shall be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// By the replication links.
    #[default]
    Auto,
    /// It takes writes.
    Primary,
    /// It copies.
    Replica,
}

impl Role {
    /// By its word in files.
    pub fn from_word(word: &str) -> Role {
        match word {
            "primary" => Role::Primary,
            "replica" => Role::Replica,
            _ => Role::Auto,
        }
    }
}

/// Nodes joined by links from one to another, all by number.
#[derive(Clone)]
pub struct Shape {
    next: Vec<Vec<usize>>,
    before: Vec<Vec<usize>>,
}

impl Shape {
    /// So many nodes and these links.
    pub fn new(count: usize, links: impl Iterator<Item = (usize, usize)>) -> Shape {
        let mut shape = Shape { next: vec![Vec::new(); count], before: vec![Vec::new(); count] };
        for (from, to) in links {
            shape.next[from].push(to);
            shape.before[to].push(from);
        }
        shape
    }

    /// Marks everything that this node leads to, itself included.
    pub fn mark_after(&self, node: usize, marked: &mut [bool]) {
        spread(&self.next, node, marked);
    }

    /// Marks everything that leads to this node, itself included.
    pub fn mark_before(&self, node: usize, marked: &mut [bool]) {
        spread(&self.before, node, marked);
    }

    /// Who takes writes, in order. A node that is told to decides for its ring; without a word, everybody does who is
    /// fed by nobody outside its ring.
    pub fn primaries(&self, roles: &[Role]) -> Vec<usize> {
        let mut primary: Vec<bool> = roles.iter().map(|&r| r == Role::Primary).collect();
        let (mut reached, mut seen) = (vec![false; roles.len()], vec![false; roles.len()]);
        // A node that comes late in the order of leaving (depth first) and is reached from none before it is fed by
        // nobody outside its ring (S. R. Kosaraju's argument for strongly connected components), so whoever leads to
        // it is in that ring.
        for &root in self.leaving().iter().rev() {
            if !reached[root] {
                let ring = spread(&self.before, root, &mut seen);
                if ring.iter().all(|&i| roles[i] != Role::Primary) {
                    ring.iter().filter(|&&i| roles[i] == Role::Auto).for_each(|&i| primary[i] = true);
                }
                self.mark_after(root, &mut reached);
            }
        }
        (0..primary.len()).filter(|&i| primary[i]).collect()
    }

    /// A node that gets the writes of two who do not get each other's, if there is one.
    pub fn torn(&self) -> Option<usize> {
        let mut fed_by = vec![usize::MAX; self.next.len()];
        for primary in self.primaries(&vec![Role::Auto; self.next.len()]) {
            let mut open = vec![primary];
            while fed_by[primary] == usize::MAX || fed_by[primary] == primary {
                let Some(node) = open.pop() else { break };
                match fed_by[node] {
                    usize::MAX => {
                        fed_by[node] = primary;
                        open.extend(&self.next[node]);
                    }
                    by if by != primary => return Some(node),
                    _ => {}
                }
            }
        }
        None
    }

    /// All nodes in the order in which a depth-first search leaves them.
    fn leaving(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.next.len());
        let mut seen = vec![false; self.next.len()];
        for start in 0..self.next.len() {
            let mut way = Vec::new();
            if !std::mem::replace(&mut seen[start], true) {
                way.push((start, 0));
            }
            while let Some((node, at)) = way.last_mut() {
                match self.next[*node].get(*at) {
                    Some(&to) => {
                        *at += 1;
                        if !std::mem::replace(&mut seen[to], true) {
                            way.push((to, 0));
                        }
                    }
                    None => {
                        order.push(*node);
                        way.pop();
                    }
                }
            }
        }
        order
    }
}

/// Marks everything along from a node that is not marked yet. Returns it.
fn spread(along: &[Vec<usize>], node: usize, marked: &mut [bool]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if !std::mem::replace(&mut marked[node], true) {
            found.push(node);
            open.extend(along[node].iter().copied().filter(|&to| !marked[to]));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn primaries(roles: &str, links: &[(usize, usize)]) -> Vec<usize> {
        let roles: Vec<Role> = roles
            .chars()
            .map(|c| match c {
                'p' => Role::Primary,
                'r' => Role::Replica,
                _ => Role::Auto,
            })
            .collect();
        Shape::new(roles.len(), links.iter().copied()).primaries(&roles)
    }

    #[test]
    fn nobody_may_be_fed_by_two_who_do_not_know_each_other() {
        let torn = |count, links: &[(usize, usize)]| Shape::new(count, links.iter().copied()).torn();
        assert_eq!(torn(3, &[(0, 2), (1, 2)]), Some(2), "two that feed one");
        assert_eq!(torn(4, &[(0, 2), (2, 3), (1, 3)]), Some(3), "two that feed one, one of them through another");
        assert_eq!(torn(4, &[(0, 1), (1, 0), (0, 2), (1, 2), (2, 3)]), None, "two that copy each other feed a replica");
        assert_eq!(torn(5, &[(0, 1), (1, 2), (2, 0), (3, 4)]), None, "a ring, and a group beside it");
    }

    #[test]
    fn the_drawing_says_who_takes_writes() {
        for (what, roles, links, expected) in [
            ("a star", "---", vec![(0, 1), (0, 2)], vec![0]),
            ("a chain, drawn backwards", "---", vec![(2, 1), (1, 0)], vec![2]),
            ("two that copy each other", "--", vec![(0, 1), (1, 0)], vec![0, 1]),
            ("two that copy each other, and a replica", "---", vec![(1, 2), (0, 1), (1, 0)], vec![0, 1]),
            ("a ring", "---", vec![(0, 1), (1, 2), (2, 0)], vec![0, 1, 2]),
            ("a ring behind a primary", "---", vec![(2, 0), (0, 1), (1, 0)], vec![2]),
            ("a ring of which one is told to be the primary", "-p-", vec![(0, 1), (1, 2), (2, 0)], vec![1]),
            ("a ring of which one is told not to be", "-r-", vec![(0, 1), (1, 2), (2, 0)], vec![0, 2]),
            ("two that feed one", "---", vec![(0, 2), (1, 2)], vec![0, 1]),
            ("only replicas", "rr", vec![(0, 1)], vec![]),
            ("nothing drawn", "-", vec![], vec![0]),
        ] {
            assert_eq!(primaries(roles, &links), expected, "{what}");
        }
    }
}
