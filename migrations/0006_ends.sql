CREATE INDEX `grants_ends` ON `grants` (`expiresAt`);--> statement-breakpoint
CREATE INDEX `rules_ends` ON `rules` (`expiresAt`);--> statement-breakpoint
CREATE INDEX `shares_ends` ON `shares` (`expiresAt`);