/* cargo_verbs.h: the verbs of `cargo glovebox`: Cargo's own, and `allow`, `audit`, `expand`, `store`, `help`. */
#ifndef GB_CLI_CARGO_VERBS_H
#define GB_CLI_CARGO_VERBS_H

/* argv[0] is the first word after `cargo glovebox`. Each returns the exit code. */
int gb_cli_cargo(int argc, char **argv);
int gb_cli_allow(int argc, char **argv);
int gb_cli_audit(int argc, char **argv);
int gb_cli_expand(int argc, char **argv);
int gb_cli_store(int argc, char **argv);

#endif
