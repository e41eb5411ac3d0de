# Golden values of survival, competing risks and penalised logistic regression.
#
#   Rscript tests/stats/golden/make.R > tests/stats/golden/r.json
#
# Made with R 4.2.2, survival 3.5-3 and cmprsk 2.2-11 (Debian: r-cran-survival,
# r-cran-cmprsk). With prodlim (r-cran-prodlim) and brglm2 (r-cran-brglm2) installed, the
# reverse Kaplan-Meier and Firth's coefficients are checked against them on the way.

suppressMessages({library(survival); library(cmprsk)})

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
folder <- file.path(dirname(here), "data")

number <- function(x) ifelse(is.na(x), "null", sprintf("%.15g", x))
array <- function(x) paste0("[", paste(number(unname(x)), collapse = ", "), "]")
object <- function(parts, gap) paste0("{", gap, paste0('"', names(parts), '": ',
  unlist(parts), collapse = paste0(",", gap)), "}")

# At most a dozen of the times at which something happens, and a time between two.
chosen <- function(times) {
  times <- sort(unique(times))
  picked <- unique(times[round(seq(1, length(times), length.out = 12))])
  sort(unique(c(picked, mean(times[1:min(2, length(times))]))))
}

kaplan_meier <- function(time, event) {
  fit <- survfit(Surv(time, event) ~ 1, conf.type = "log-log")
  at <- chosen(time)
  s <- summary(fit, times = at, extend = TRUE)
  list(times = array(at), estimate = array(s$surv), standard_error = array(s$std.err),
       low = array(s$lower), high = array(s$upper), at_risk = array(s$n.risk),
       median = array(summary(fit)$table[c("median", "0.95LCL", "0.95UCL")]))
}

# Events come before censorings of the same time: they leave the risk set of censoring.
reverse <- function(time, outcome) {
  distinct <- sort(unique(time))
  order <- 2 * match(time, distinct) + (outcome == 0)
  fit <- survfit(Surv(order, outcome == 0) ~ 1, conf.type = "log-log")
  at <- intersect(chosen(time), distinct)
  s <- summary(fit, times = 2 * match(at, distinct) + 1, extend = TRUE)
  if (requireNamespace("prodlim", quietly = TRUE) && any(outcome == 0) && min(time) > 0) {
    d <- data.frame(time = time, status = as.integer(outcome != 0))
    other <- prodlim::prodlim(prodlim::Hist(time, status) ~ 1, data = d, reverse = TRUE)
    theirs <- predict(other, times = at)
    stopifnot(all(abs(theirs - s$surv) < 1e-9, na.rm = TRUE))
  }
  at_half <- function(y) {
    keep <- !is.na(y) & y < 0.5 + 1e-8
    if (!any(keep)) return(NA)
    x <- distinct[fit$time[keep] %/% 2]
    y <- y[keep]
    if (abs(y[1] - 0.5) < 1e-8 && any(y < y[1])) (x[1] + x[min(which(y < y[1]))]) / 2
    else x[1]
  }
  list(times = array(at), estimate = array(s$surv), low = array(s$lower),
       high = array(s$upper),
       median = array(c(at_half(fit$surv), at_half(fit$lower), at_half(fit$upper))))
}

incidence <- function(time, outcome) {
  at <- chosen(time)
  if (!any(outcome == 1)) return(list(times = array(at), estimate = array(0 * at),
                                      variance = array(0 * at)))
  fit <- cuminc(time, outcome, cencode = 0)
  points <- timepoints(fit, at)
  name <- grep(" 1$", rownames(points$est), value = TRUE)
  # cuminc says nothing after the last time of all; the value stays as it was.
  list(times = array(at), estimate = array(points$est[name, ]),
       variance = array(points$var[name, ]))
}

tests <- function(d) {
  rank <- survdiff(Surv(time, outcome == 1) ~ group, data = d)
  df <- sum(rank$exp > 0) - 1
  gray <- cuminc(d$time, d$outcome, d$group, cencode = 0)$Tests
  gray <- if (is.null(gray)) rep(NA, 3) else gray["1", ]
  list(log_rank = array(c(rank$chisq, df, pchisq(rank$chisq, df, lower.tail = FALSE))),
       gray = array(gray[c(1, 3, 2)]))
}

described <- function(d) {
  groups <- c(list(all = d), split(d, d$group))
  one <- function(g) object(list(
    kaplan_meier = object(kaplan_meier(g$time, g$outcome == 1), "\n   "),
    reverse = object(reverse(g$time, g$outcome), "\n   "),
    incidence = object(incidence(g$time, g$outcome), "\n   ")), "\n  ")
  object(c(list(tests = object(tests(d), " ")), lapply(groups, one)), "\n ")
}

# Firth's logistic regression by plain maximisation of the penalised likelihood.
firth <- function(x, y) {
  x <- cbind(1, as.matrix(x))
  penalised <- function(b) {
    eta <- drop(x %*% b)
    p <- plogis(eta)
    information <- crossprod(x * sqrt(p * (1 - p)))
    sum(y * plogis(eta, log.p = TRUE) + (1 - y) * plogis(-eta, log.p = TRUE)) +
      as.numeric(determinant(information)$modulus) / 2
  }
  gradient <- function(b) {
    p <- plogis(drop(x %*% b))
    root <- x * sqrt(p * (1 - p))
    leverage <- rowSums((root %*% solve(crossprod(root))) * root)
    drop(crossprod(x, y - p + leverage * (0.5 - p)))
  }
  scale <- c(1, apply(x[, -1, drop = FALSE], 2, sd))
  # Maximum with the coefficients `fixed` (indices) held at `value`.
  best <- function(start, fixed = integer(0), value = numeric(0)) {
    free <- setdiff(seq_len(ncol(x)), fixed)
    full <- function(z) { b <- numeric(ncol(x)); b[fixed] <- value
                          b[free] <- z / scale[free]; b }
    z <- (start * scale)[free]
    for (i in 1:10) {
      fit <- optim(z, function(z) penalised(full(z)),
                   function(z) gradient(full(z))[free] / scale[free],
                   method = "BFGS", control =
                     list(fnscale = -1, reltol = 1e-16, maxit = 1000))
      z <- fit$par
    }
    list(par = full(z), value = fit$value)
  }
  fit <- best(rep(0, ncol(x)))
  b <- fit$par
  held <- function(j, value) best(b, j, value)$value
  ratio <- function(j, value) 2 * (fit$value - held(j, value))
  bounds <- sapply(seq_along(b), function(j) {
    over <- function(v) ratio(j, v) - qchisq(0.95, 1)
    step <- 1 / scale[j]
    lower <- b[j] - step; while (over(lower) < 0) lower <- lower - step
    upper <- b[j] + step; while (over(upper) < 0) upper <- upper + step
    c(uniroot(over, c(lower, b[j]), tol = 1e-11)$root,
      uniroot(over, c(b[j], upper), tol = 1e-11)$root)
  })
  if (requireNamespace("brglm2", quietly = TRUE)) {
    other <- glm(y ~ x - 1, family = binomial, method = brglm2::brglmFit,
                 type = "AS_mean", epsilon = 1e-12, maxit = 1000)
    stopifnot(max(abs(coef(other) - b)) < 1e-6)
  }
  p <- pchisq(sapply(seq_along(b), function(j) ratio(j, 0)), 1, lower.tail = FALSE)
  list(coefficients = array(b), low = array(bounds[1, ]), high = array(bounds[2, ]),
       p = array(p))
}

survival_sets <- c("freireich", "rats", "aml", "lung", "veteran", "ovarian", "pbc",
                   "mgus2", "transplant", "edges")
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")),
                                colClasses = c(group = "character"))
endometrial <- read.csv(file.path(folder, "endometrial.csv"))
logistic <- list(
  endometrial_nv = firth(endometrial["nv"], endometrial$hg),
  endometrial_pi = firth(endometrial["pi"], endometrial$hg),
  endometrial_eh = firth(endometrial["eh"], endometrial$hg),
  endometrial = firth(endometrial[c("nv", "pi", "eh")], endometrial$hg))
cat(object(c(lapply(setNames(survival_sets, survival_sets),
                    function(name) described(read(name))),
             list(logistic = object(lapply(logistic, object, " "), "\n "))), "\n"), "\n")
