CREATE TABLE `clocks` (
	`tree` integer NOT NULL,
	`name` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tree`, `name`),
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`webhook` text NOT NULL,
	`sequence` integer NOT NULL,
	`event` text NOT NULL,
	`data` text NOT NULL,
	`at` integer NOT NULL,
	`status` text NOT NULL,
	`attempts` integer NOT NULL,
	`nextAt` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deliveries_sequence` ON `deliveries` (`webhook`,`sequence`);--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`nextAt`) WHERE "nextAt" is not null;--> statement-breakpoint
CREATE TABLE `deliveryAttempts` (
	`delivery` text NOT NULL,
	`n` integer NOT NULL,
	`at` integer NOT NULL,
	`status` integer,
	`durationMs` integer NOT NULL,
	`error` text,
	PRIMARY KEY(`delivery`, `n`),
	FOREIGN KEY (`delivery`) REFERENCES `deliveries`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `issuers` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`org` integer NOT NULL,
	`issuer` text NOT NULL,
	`jwksUrl` text NOT NULL,
	`audience` text NOT NULL,
	`claim` text NOT NULL,
	`algorithms` text NOT NULL,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `issuers_tree` ON `issuers` (`tree`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `issuers_org_issuer` ON `issuers` (`org`,`issuer`);--> statement-breakpoint
CREATE INDEX `issuers_issuer` ON `issuers` (`issuer`);--> statement-breakpoint
CREATE TABLE `mails` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer,
	`org` integer,
	`user` text,
	`email` text NOT NULL,
	`kind` text NOT NULL,
	`data` text NOT NULL,
	`status` text NOT NULL,
	`attempts` integer NOT NULL,
	`at` integer NOT NULL,
	`claimedAt` integer,
	`settledAt` integer,
	`messageId` text,
	`error` text
);
--> statement-breakpoint
CREATE INDEX `mails_org` ON `mails` (`tree`,`org`,`id`);--> statement-breakpoint
CREATE INDEX `mails_waiting` ON `mails` (`status`,`at`) WHERE "status" in ('queued', 'sending');--> statement-breakpoint
CREATE TABLE `suppressions` (
	`email` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`tree` integer NOT NULL,
	`org` integer NOT NULL,
	`name` text NOT NULL,
	`url` text NOT NULL,
	`events` text NOT NULL,
	`generation` integer NOT NULL,
	`overlapUntil` integer,
	`asymmetric` integer NOT NULL,
	`status` text NOT NULL,
	`disabledBecause` text,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`tree`) REFERENCES `trees`(`tree`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`org`) REFERENCES `orgs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `webhooks_tree` ON `webhooks` (`tree`,`id`);--> statement-breakpoint
CREATE INDEX `webhooks_org` ON `webhooks` (`org`);--> statement-breakpoint
ALTER TABLE `outbox` ADD `org` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `outbox` ADD `mail` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `outbox` ADD `doneAt` integer;--> statement-breakpoint
CREATE INDEX `outbox_waiting` ON `outbox` (`tree`,`revision`) WHERE "doneAt" is null;