package org.quantcache.tools.cli;

import picocli.CommandLine.Command;

/** {@code qcc debug}. */
@Command(
    name = "debug",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "WHAT",
    description = "Searches for what makes a build worse than it should be.",
    subcommands = PrecisionCommand.class)
final class DebugCommand {}
