CREATE TABLE `unsubscribed` (
	`user` text NOT NULL,
	`org` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`user`, `org`),
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
DROP INDEX `mails_org`;--> statement-breakpoint
ALTER TABLE `mails` ADD `nextAt` integer;--> statement-breakpoint
ALTER TABLE `mails` ADD `againBy` text;--> statement-breakpoint
ALTER TABLE `mails` ADD `againAt` integer;--> statement-breakpoint
CREATE INDEX `mails_latest` ON `mails` (`tree`,`at`,`id`);