//! What an admin does on a page, as commands against the data folder.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::domain::{Role, Scope};

/// Where the data is, and how to answer.
#[derive(Debug, Clone, Args)]
pub struct Where {
    /// Folder for the database and the library [default: ./data]
    #[arg(long, env = "RUSHES_DATA", value_name = "FOLDER", default_value = "data", hide_default_value = true)]
    pub data: PathBuf,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// `rushes user`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account; without a password, print a link that works once
    Add {
        /// What they are called, and sign in with
        name: String,
        /// owner, admin, member or viewer
        #[arg(long, default_value = "member", value_parser = role)]
        role: Role,
        /// What they may use: a plan's name, or unlimited [default: plus; owners and admins unlimited; viewers none]
        #[arg(long)]
        plan: Option<String>,
        /// Read the password from standard input, one line
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        at: Where,
    },
    /// Everybody, with role, plan and state
    List {
        #[command(flatten)]
        at: Where,
    },
    /// Say what somebody is
    Role {
        /// Who
        name: String,
        /// owner, admin, member or viewer
        #[arg(value_parser = role)]
        role: Role,
        #[command(flatten)]
        at: Where,
    },
    /// Say what somebody may use
    Plan {
        /// Who
        name: String,
        /// A plan's name, or unlimited
        plan: String,
        #[command(flatten)]
        at: Where,
    },
    /// Say what somebody may spend in 30 days, whatever the plan says
    Budget {
        /// Who
        name: String,
        /// Dollars, or none
        money: String,
        #[command(flatten)]
        at: Where,
    },
    /// Print a link to choose a new password with
    Reset {
        /// Who
        name: String,
        #[command(flatten)]
        at: Where,
    },
    /// Shut somebody out; their clips stay
    Disable {
        /// Who
        name: String,
        #[command(flatten)]
        at: Where,
    },
    /// Let somebody in again
    Enable {
        /// Who
        name: String,
        #[command(flatten)]
        at: Where,
    },
    /// Remove somebody; say what becomes of their clips
    Remove {
        /// Who
        name: String,
        /// Keep the clips as they are, or move them to the trash
        #[arg(long, value_enum, required_unless_present = "to")]
        clips: Option<Clips>,
        /// Hand the clips to somebody else
        #[arg(long, value_name = "NAME", conflicts_with = "clips")]
        to: Option<String>,
        #[command(flatten)]
        at: Where,
    },
}

/// What becomes of the clips of somebody who is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Clips {
    /// They stay as they are.
    Keep,
    /// They go to the trash.
    Trash,
}

/// `rushes plan`
#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// Every plan with its settings
    List {
        #[command(flatten)]
        at: Where,
    },
    /// Change settings of a plan, or make it: `generations_per_day=3 at_once=2 weight=1 at_cap=refuse` …
    Set {
        /// The plan
        name: String,
        /// key=value; an empty value takes a limit away
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<String>,
        #[command(flatten)]
        at: Where,
    },
    /// Remove a plan that nobody has
    Remove {
        /// The plan
        name: String,
        #[command(flatten)]
        at: Where,
    },
}

/// `rushes key`
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key and print it, this once
    Create {
        /// Whose [default: the first owner's]
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// What it is called
        #[arg(long)]
        name: Option<String>,
        /// read, create or delete; several times for more [default: all]
        #[arg(long = "scope", value_parser = scope)]
        scopes: Vec<Scope>,
        /// How many days it works [default: until it is revoked]
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=3_650))]
        days: Option<u16>,
        #[command(flatten)]
        at: Where,
    },
    /// Every key, by its first and last signs
    List {
        #[command(flatten)]
        at: Where,
    },
    /// End a key
    Revoke {
        /// Its id, as rushes key list tells it
        id: String,
        #[command(flatten)]
        at: Where,
    },
}

/// `rushes invite`
#[derive(Debug, Args)]
pub struct InviteArgs {
    /// owner, admin, member or viewer
    #[arg(long, default_value = "member", value_parser = role)]
    pub role: Role,
    /// What they may use: a plan's name, or unlimited
    #[arg(long)]
    pub plan: Option<String>,
    /// How many days the link works, 1 to 30
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=30))]
    pub days: u16,
    /// Whom it is for
    #[arg(long, default_value = "")]
    pub note: String,
    #[command(flatten)]
    pub at: Where,
}

/// `rushes budget`
#[derive(Debug, Args)]
pub struct BudgetArgs {
    /// instance, or upstream:NAME
    pub scope: String,
    /// Dollars in 30 days, or none
    pub money: String,
    #[command(flatten)]
    pub at: Where,
}

fn scope(text: &str) -> Result<Scope, String> {
    text.parse().map_err(|_| "use read, create or delete".to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|_| "use owner, admin, member or viewer".to_owned())
}

/// `rushes backup`
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// A file to write, - for standard output, or a folder (ending in /) to bring up to date
    pub to: PathBuf,
    /// Leave the media out
    #[arg(long)]
    pub database_only: bool,
    /// The configuration to put in, without keys [default: ./rushes.toml, if it is there]
    #[arg(long, env = "RUSHES_CONFIG", value_name = "FILE", default_value = "rushes.toml", hide_default_value = true)]
    pub config: PathBuf,
    #[command(flatten)]
    pub at: Where,
}

/// `rushes restore`
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The file or the folder that rushes backup wrote
    pub from: PathBuf,
    /// Move a data folder that is there aside; nothing is deleted
    #[arg(long)]
    pub force: bool,
    /// Read every file through and compare it with its hash
    #[arg(long)]
    pub verify: bool,
    #[command(flatten)]
    pub at: Where,
}

/// `rushes doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Mend what is safe; the server must be stopped
    #[arg(long)]
    pub repair: bool,
    /// Read every file through and compare it with its hash
    #[arg(long)]
    pub full: bool,
    #[command(flatten)]
    pub at: Where,
}

/// `rushes import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The folder: a library of Rushes, or what an export tool saved
    pub from: PathBuf,
    /// Say what would be taken in, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Whose clips they become [default: the first owner's]
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Only they and admins see them
    #[arg(long)]
    pub private: bool,
    #[command(flatten)]
    pub at: Where,
}

/// What to do instead of serving.
#[derive(Debug)]
pub enum Console {
    /// Ask a running server.
    Client(super::ClientCommand),
    /// Do one piece of local work.
    Helper,
    /// Put away.
    Backup(BackupArgs),
    /// Bring back.
    Restore(RestoreArgs),
    /// Look and mend.
    Doctor(DoctorArgs),
    /// Take in.
    Import(ImportArgs),
    /// Fill a folder.
    Seed(SeedArgs),
    /// People.
    User(UserCommand),
    /// Plans.
    Plan(PlanCommand),
    /// Keys of the API.
    Key(KeyCommand),
    /// A link to join.
    Invite(InviteArgs),
    /// Budgets.
    Budget(BudgetArgs),
    /// Spending.
    Usage(Where),
}

/// What to fill, and with how much.
#[derive(Debug, Args)]
pub struct SeedArgs {
    /// An empty or absent folder
    #[arg(long, value_name = "FOLDER")]
    pub data: PathBuf,
    /// How many clips
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub generations: u32,
}
