/** What is checked and measured on a machine with a card, from files that were compiled elsewhere. */
package org.quantcache.tools.gpu;
