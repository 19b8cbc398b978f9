//! `vte_generate_state_changes`: a table of a state machine.
use vte_generate_state_changes::generate_state_changes;

const fn pack(state: State, action: Action) -> u8 {
    (action as u8) << 4 | state as u8
}

generate_state_changes!(state_changes, {
    Anywhere {
        0x18 => (Ground, Execute),
        0x1b => (Escape, None),
    },
    Ground {
        0x00..=0x17 => (Anywhere, Execute),
        0x20..=0x7f => (Anywhere, Print),
    },
    Escape {
        0x20..=0x2f => (Ground, Collect),
        0x5b        => (Csi, None),
    },
    Csi {
        0x40..=0x7e => (Ground, CsiDispatch),
    }
});

#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(u8)]
pub enum State {
    Anywhere = 0,
    Ground,
    Escape,
    Csi,
}

#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(u8)]
pub enum Action {
    None = 0,
    Execute,
    Print,
    Collect,
    CsiDispatch,
}

pub static CHANGES: [[u8; 256]; 16] = state_changes();

#[cfg(test)]
mod tests {
    #[test]
    fn changes() {
        let states = super::CHANGES[1];
        assert_ne!(states[0x41], states[0x01]);
    }
}
